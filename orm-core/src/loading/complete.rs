//! Reading the columns of one object that expired, and no others.

use super::{Loader, column_error};
use crate::{
    database::{Cells, Statement},
    error::Result,
    query::sql::{GetShape, Shape, default_columns},
    schema::EntityDef,
    value::{ColumnError, Value},
};

impl Loader<'_> {
    /// Reads what expired of an object, or all of its columns when what is known of it is past. Whether there is such a row.
    ///
    /// One statement, none when nothing expired.
    pub(crate) async fn complete(&mut self, def: &'static EntityDef, slot: u32) -> Result<bool> {
        let map = self.map;
        let store = map.store_of(def);
        let epoch = map.epoch();
        let columns = if store.is_past(slot, epoch) { default_columns(def) } else { store.expired_columns(slot) };
        let Some(key) = store.key(slot).filter(|_| !columns.is_empty()) else { return Ok(true) };
        let text = self.texts.text(Shape::Get(GetShape::new(def, &columns, None)));
        let mut found = Vec::new();
        let mut each = |cells: &Cells<'_>| -> Result<()> {
            let values = columns.iter().enumerate().map(|(at, column)| {
                let value = store.decode_value(*column, cells.raw(at));
                let value = value.map_err(|error| column_error(def, &ColumnError { column: *column, error }))?;
                Ok((*column, value))
            });
            found = values.collect::<Result<Vec<(usize, Value)>>>()?;
            Ok(())
        };
        let statement = Statement::new(text, key);
        let rows = self.connection.fetch(&statement, &mut each).await.map_err(|error| error.of_entity(def.name))?;
        store.complete(slot, &found, epoch).map_err(|error| column_error(def, &error))?;
        Ok(rows > 0)
    }
}
