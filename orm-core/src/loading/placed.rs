//! Rows by key, where a row can be spelled otherwise than it was asked for.

use super::{
    Loader,
    asked::{KeyCells, not_asked},
    column_error,
    joined::{Found, joins_of},
};
use crate::{
    collections::{HashMap, HashSet},
    database::{Cells, Statement},
    error::Result,
    query::{Plan, sql},
    schema::EntityDef,
    state::Absorb,
    value::{ColumnError, ComparableKey, Value, only_the_database_compares_any},
};

/// Objects whose rows came back for a key that was not asked for as they spell it.
pub(super) type Strangers = Vec<(Vec<Value>, u32)>;

impl Loader<'_> {
    /// Rows of an entity by some of its columns, as objects by the keys that were asked for; with them what the plan joins.
    ///
    /// One statement. One more where a row is spelled otherwise than it was asked for: the database says for which key it came.
    pub(crate) async fn fetch_many(
        &mut self,
        def: &'static EntityDef,
        columns: &[usize],
        keys: &[Value],
        plan: &Plan,
    ) -> Result<HashMap<ComparableKey, u32>> {
        let (mut found, strangers) = self.fetch_rows(def, columns, keys, plan).await?;
        if !strangers.is_empty() {
            let missing = keys.chunks(columns.len().max(1));
            let missing = missing.filter(|key| ComparableKey::of(*key).is_some_and(|key| !found.contains_key(&key)));
            let missing: Vec<Vec<Value>> = missing.map(<[Value]>::to_vec).collect();
            self.place(def, columns, strangers, &missing, &mut found).await?;
        }
        Ok(found)
    }

    /// The same, and the objects whose rows spell their key otherwise than it was asked for. One statement.
    pub(super) async fn fetch_rows(
        &mut self,
        def: &'static EntityDef,
        columns: &[usize],
        keys: &[Value],
        plan: &Plan,
    ) -> Result<(HashMap<ComparableKey, u32>, Strangers)> {
        let map = self.map;
        let store = map.store_of(def);
        let epoch = map.epoch();
        let select = sql::Select { joins: joins_of(def, plan), ..sql::Select::all(def) };
        let keyed = sql::select_by_key(self.dialect(), &select, columns, keys)?;
        let key_cells = keyed.layout.key_cells;
        let key = KeyCells { store, columns: columns.to_vec() };
        let asked = keys.chunks(columns.len().max(1)).filter_map(ComparableKey::of);
        let asked: HashSet<ComparableKey> = asked.collect();
        let mut joined = Found::of(map, def, plan, &keyed.layout.joins);
        let mut found = HashMap::new();
        let mut strangers = Strangers::new();
        for batch in keyed.batches {
            let statement = Statement::new(batch.sql.text, batch.sql.values);
            let mut each = |cells: &Cells<'_>| -> Result<()> {
                let values = key.values(cells, &key_cells)?;
                if let Some(slot) =
                    store.absorb(cells, 0, Absorb::Fill, epoch).map_err(|error| column_error(def, &error))?
                {
                    match ComparableKey::of(&values).filter(|key| asked.contains(key)) {
                        Some(key) => {
                            found.insert(key, slot);
                        }
                        None => strangers.push((values, slot)),
                    }
                    joined.take(map, slot, cells, epoch)?;
                }
                Ok(())
            };
            self.connection.fetch(&statement, &mut each).await.map_err(|error| error.of_entity(def.name))?;
        }
        joined.publish(map, def, epoch)?;
        Ok((found, strangers))
    }

    /// Finds for which of the missing keys the rows came.
    async fn place(
        &mut self,
        def: &'static EntityDef,
        columns: &[usize],
        strangers: Strangers,
        missing: &[Vec<Value>],
        found: &mut HashMap<ComparableKey, u32>,
    ) -> Result<()> {
        if let ([(_, slot)], [key]) = (strangers.as_slice(), missing) {
            found.extend(ComparableKey::of(key).map(|key| (key, *slot)));
            return Ok(());
        }
        let mut placed = HashSet::new();
        let mut slots = found.clone();
        slots.extend(strangers.iter().filter_map(|(values, slot)| Some((ComparableKey::of(values)?, *slot))));
        if only_the_database_compares_any(def, columns) {
            let key = KeyCells { store: self.map.store_of(def), columns: columns.to_vec() };
            let at: Vec<usize> = (1..=columns.len()).collect();
            for batch in sql::select_places(self.texts.dialect(), def, columns, &missing.concat()) {
                let statement = Statement::new(batch.sql.text, batch.sql.values);
                let mut each = |cells: &Cells<'_>| -> Result<()> {
                    let place = cells.raw(0).integer();
                    let place = place.map_err(|error| column_error(def, &ColumnError { column: columns[0], error }))?;
                    let asked = usize::try_from(place).ok().and_then(|place| missing.get(place));
                    let spelled = ComparableKey::of(&key.values(cells, &at)?);
                    let slot = spelled.as_ref().and_then(|spelled| slots.get(spelled));
                    if let (Some(asked), Some(slot)) = (asked.and_then(ComparableKey::of), slot) {
                        found.insert(asked, *slot);
                        placed.insert(*slot);
                    }
                    Ok(())
                };
                self.connection.fetch(&statement, &mut each).await.map_err(|error| error.of_entity(def.name))?;
            }
        }
        match strangers.iter().find(|(_, slot)| !placed.contains(slot)) {
            None => Ok(()),
            Some((values, _)) => Err(not_asked(def, values, missing.iter().map(Vec::as_slice))),
        }
    }
}
