//! Pending objects as rows to insert.

use super::{Collect, followed_columns, relation_of_column};
use crate::{
    error::{Error, ErrorKind, Result},
    flush::{
        row_key::first_version,
        rows::{Cell, Columns, NewRow, put},
    },
    identity::ObjectRef,
    schema::{EntityDef, Generation},
    state::Status,
    value::{Value, null_of, print_values},
};

impl Collect<'_> {
    pub(super) fn new_rows(&mut self) -> Result<()> {
        let (map, work, cascade) = (self.map, self.work, self.cascade);
        let comes = |object: &ObjectRef| {
            !cascade.dropped.contains(object) && map.store_at(*object).status(object.slot) == Status::Pending
        };
        let objects: Vec<ObjectRef> = work.pending.iter().copied().filter(comes).collect();
        // All of them first: a child may have been added before its parent.
        self.rows.new_of = objects.iter().enumerate().map(|(row, object)| (*object, row)).collect();
        self.rows.new = objects.into_iter().map(|object| self.new_row(object)).collect::<Result<_>>()?;
        Ok(())
    }

    fn new_row(&self, object: ObjectRef) -> Result<NewRow> {
        let store = self.map.store_at(object);
        let def = store.def();
        let mut cells: Columns = Vec::with_capacity(def.columns.len());
        for column in 0..def.columns.len() {
            if let Some(cell) = own_cell(def, column, store.value(object.slot, column)) {
                cells.push((column, cell));
            }
        }
        self.put_followed(object, def, &mut cells);
        for &column in self.cascade.nulled.get(&object).into_iter().flatten() {
            put(&mut cells, column, Cell::Made(null_of(def.columns[column].sql_type)));
        }
        self.check_complete(object, def, &cells)?;
        self.check_identity(object, def)?;
        Ok(NewRow { object, def, cells, draft: store.draft_version(object.slot) })
    }

    /// The foreign keys that wait for a parent.
    pub(super) fn put_followed(&self, object: ObjectRef, def: &'static EntityDef, cells: &mut Columns) {
        for follow in self.follows(object) {
            let parent = self.map.store_at(follow.parent).def();
            for (column, referenced) in followed_columns(def, parent, follow) {
                let known = self.map.referred_value(follow.parent, referenced);
                let cell = match self.rows.new_of.get(&follow.parent) {
                    // A key that the program gave is known, whoever is inserted first.
                    Some(_) if known.is_some() => known.map(Cell::Made),
                    Some(&row) => Some(Cell::KeyOf { row, column: referenced }),
                    None if self.never_comes(follow.parent) => {
                        let definition = &def.columns[column];
                        definition.nullable.then(|| Cell::Made(null_of(definition.sql_type)))
                    }
                    // The object has its parent's key, unless that was not known when they were linked.
                    None if super::super::rows::cell_of(cells, column).is_some_and(has_value) => continue,
                    None => known.map(Cell::Made),
                };
                if let Some(cell) = cell {
                    put(cells, column, cell);
                }
            }
        }
    }

    fn check_complete(&self, object: ObjectRef, def: &'static EntityDef, cells: &Columns) -> Result<()> {
        let given = |column| super::super::rows::cell_of(cells, column).is_some();
        match lacking(def, given) {
            None => Ok(()),
            Some(column) => {
                Err(missing(def, column, self.map.store_at(object).key(object.slot).map(|key| print_values(&key))))
            }
        }
    }

    /// A row with a key that another object has would be two objects for one row.
    fn check_identity(&self, object: ObjectRef, def: &'static EntityDef) -> Result<()> {
        let store = self.map.store_at(object);
        let Some(key) = store.key(object.slot) else { return Ok(()) };
        let other = store.find(&key).ok().flatten().map(|slot| ObjectRef { slot, ..object });
        match other {
            Some(other) if other != object && !self.cascade.deleted.contains(&other) => Err(Error::new(
                ErrorKind::IdentityConflict,
                "the session came to hold an object with the key of this new one before it was flushed; to change that \
                 object, `get` it; to write one over the other, `merge`",
            )
            .with_entity(def.name)
            .with_key(print_values(&key))),
            _ => Ok(()),
        }
    }
}

/// What a new row has in a column by itself; nothing, where the database makes it or a parent gives it.
fn own_cell(def: &'static EntityDef, column: usize, value: Option<Value>) -> Option<Cell> {
    let definition = &def.columns[column];
    if definition.read_only {
        return None;
    }
    let by_database = definition.server_default.is_some() || definition.generation == Generation::Database;
    match value {
        Some(value) => Some(Cell::Given(value)),
        None if definition.version => Some(Cell::Made(first_version(definition.sql_type))),
        // Rows that leave different columns unset still go out together.
        None if definition.nullable && !by_database => Some(Cell::Made(null_of(definition.sql_type))),
        None => None,
    }
}

/// The first column that must have a value and that nobody gives one.
fn lacking(def: &'static EntityDef, given: impl Fn(usize) -> bool) -> Option<usize> {
    (0..def.columns.len()).find(|column| {
        let definition = &def.columns[*column];
        let by_database = definition.server_default.is_some()
            || definition.generation == Generation::Database
            || definition.read_only;
        !by_database && !definition.nullable && !given(*column)
    })
}

/// The columns of a new row that becomes no object, in their order.
///
/// # Errors
/// The first column that nobody gives a value.
pub(crate) fn plain_columns(
    def: &'static EntityDef,
    value: impl Fn(usize) -> Option<Value>,
) -> Result<Vec<(usize, Value)>> {
    let cell = |column| match own_cell(def, column, value(column))? {
        Cell::Given(value) | Cell::Made(value) => Some((column, value)),
        Cell::KeyOf { .. } => None,
    };
    let row: Vec<(usize, Value)> = (0..def.columns.len()).filter_map(cell).collect();
    match lacking(def, |column| row.iter().any(|(given, _)| *given == column)) {
        None => Ok(row),
        Some(column) => Err(missing(def, column, None)),
    }
}

fn has_value(cell: &Cell) -> bool {
    cell.value().is_some_and(|value| !crate::value::is_null(value))
}

/// A column that nobody gives a value.
fn missing(def: &'static EntityDef, column: usize, key: Option<String>) -> Error {
    let field = def.columns[column].field;
    let error = match relation_of_column(def, column) {
        Some(relation) => Error::new(
            ErrorKind::MissingParent,
            format!(
                "the {target} was never given, and `{field}` is NOT NULL. Nothing was sent. Give it with `.{name}(..)` or \
                 `set_{name}(..)`, add the new {def_name} to a collection of its {target}, or give the column `{field}`; if \
                 there may be none, declare `{field}` as an `Option`",
                target = (relation.target)().name,
                name = relation.name,
                def_name = def.name,
            ),
        )
        .with_attribute(relation.name),
        None => Error::new(
            ErrorKind::MissingParent,
            format!(
                "`{field}` is NOT NULL and nobody gives it a value: neither the program nor a parent, a default or the \
                 database. Nothing was sent. Add the new {} to a collection of its parent, or give the column",
                def.name
            ),
        )
        .with_attribute(field),
    };
    error.with_entity(def.name).with_key(key.unwrap_or_else(|| "new".to_owned()))
}
