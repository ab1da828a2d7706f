//! Written persistent objects as rows to update: net changes only.

use super::{Collect, relation_of_column, version_column};
use crate::{
    collections::IndexSet,
    error::{Error, ErrorKind, Result},
    flush::{
        row_key::next_version,
        rows::{Cell, ChangedKey, ChangedRow, Columns, Confirm, put},
    },
    identity::ObjectRef,
    schema::EntityDef,
    state::Status,
    value::null_of,
};

impl Collect<'_> {
    pub(super) fn changed_rows(&mut self) -> Result<()> {
        let nulled = self.cascade.nulled.keys();
        let objects: IndexSet<ObjectRef> = self.work.touched.iter().chain(nulled).copied().collect();
        for object in objects {
            if !self.cascade.deleted.contains(&object)
                && !self.rows.new_of.contains_key(&object)
                && let Some(row) = self.changed_row(object)?
            {
                self.rows.changed.push(row);
            }
        }
        Ok(())
    }

    fn changed_row(&mut self, object: ObjectRef) -> Result<Option<ChangedRow>> {
        let store = self.map.store_at(object);
        let def = store.def();
        let (columns, confirm) = match store.status(object.slot) {
            Status::Pending | Status::Discarded => return Ok(None),
            Status::Expired => (store.draft_columns(object.slot), Confirm::Draft(store.draft_version(object.slot))),
            Status::Persistent | Status::Deleted => match store.changes(object.slot) {
                Some(changes) => (changes.columns, Confirm::Row(changes.version)),
                None => (Vec::new(), Confirm::Row(0)),
            },
        };
        let written = columns.clone();
        let mut cells: Columns = Vec::new();
        for column in columns.into_iter().filter(|column| !def.columns[*column].read_only) {
            if let Some(value) = store.value(object.slot, column) {
                cells.push((column, Cell::Given(value)));
            }
        }
        self.put_followed(object, def, &mut cells);
        let held_back = self.work.held_back.get(&object);
        if let Some(held_back) = held_back {
            cells.retain(|(column, _)| !held_back.contains(column));
        }
        let confirm = if held_back.is_some() { Confirm::Columns } else { confirm };
        for &column in self.cascade.nulled.get(&object).into_iter().flatten() {
            put(&mut cells, column, Cell::Made(null_of(def.columns[column].sql_type)));
        }
        // What the flush itself decided may be what the row has already. Where the object says otherwise it is sent all the
        // same, so that what is confirmed was sent.
        cells.retain(|(column, cell)| match cell {
            Cell::Made(value) => {
                written.contains(column) || store.base_value(object.slot, *column).as_ref() != Some(value)
            }
            Cell::Given(_) | Cell::KeyOf { .. } => true,
        });
        if cells.is_empty() {
            return Ok(None);
        }
        if store.status(object.slot) == Status::Deleted {
            return Err(written_after_deletion(def, cells[0].0).with_key(store.print_key(object.slot)));
        }
        if let Some((column, _)) = cells.iter().find(|(column, _)| def.primary_key.contains(column)) {
            return Err(written_key(def, *column).with_key(store.print_key(object.slot)));
        }
        let Some(key) = store.key(object.slot) else { return Ok(None) };
        let mut version = None;
        if let Some(column) = version_column(def) {
            version = store.base_value(object.slot, column);
            match version.as_ref().map(|read| (read, next_version(read))) {
                Some((_, Some(next))) => put(&mut cells, column, Cell::Made(next)),
                Some((read, None)) => {
                    return Err(Error::new(ErrorKind::Value, format!("no version comes after {read:?}"))
                        .with_entity(def.name)
                        .with_attribute(def.columns[column].field)
                        .with_key(store.print_key(object.slot)));
                }
                None => self.needs.expired(object),
            }
        }
        Ok(Some(ChangedRow { object, def, cells, key: ChangedKey::Known(key), version, confirm }))
    }
}

fn written_after_deletion(def: &'static EntityDef, column: usize) -> Error {
    Error::new(
        ErrorKind::ObjectDeleted,
        "it was written to after a flush of this transaction had deleted its row; the write cannot be sent. Write before \
         deleting, or add a new object",
    )
    .with_entity(def.name)
    .with_attribute(def.columns[column].field)
}

fn written_key(def: &'static EntityDef, column: usize) -> Error {
    let field = def.columns[column].field;
    let through = relation_of_column(def, column).map_or(field, |relation| relation.name);
    Error::new(
        ErrorKind::State,
        format!(
            "`{field}` is part of the primary key, which never changes: that would be another row. Nothing was sent. Delete \
             this {name} and add a new one with the {through} that you want",
            name = def.name,
        ),
    )
    .with_entity(def.name)
    .with_attribute(through)
}
