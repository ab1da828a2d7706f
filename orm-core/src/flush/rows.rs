//! What a flush has to write, row by row: new rows, changed rows, rows that go, pairs of secondary tables.

use crate::{
    collections::{HashMap, IndexMap, IndexSet},
    identity::{Follow, Newest, ObjectRef, Pair, PairChange, TakenAway},
    schema::{EntityDef, RelationDef},
    value::Value,
};

/// Where the value of one column comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// The object has it.
    Given(Value),
    /// The flush makes it: NULL for a parent that goes, the first version, the next one.
    Made(Value),
    /// The key of a new row, known once that is inserted.
    KeyOf {
        /// Which of the new rows.
        row: usize,
        /// Which column of it.
        column: usize,
    },
}

impl Cell {
    /// The value, where it is known before anything is sent.
    pub(super) fn value(&self) -> Option<&Value> {
        match self {
            Self::Given(value) | Self::Made(value) => Some(value),
            Self::KeyOf { .. } => None,
        }
    }
}

/// The columns that are written, by position and in its order.
pub(super) type Columns = Vec<(usize, Cell)>;

/// The cell of a column.
pub(super) fn cell_of(cells: &[(usize, Cell)], column: usize) -> Option<&Cell> {
    cells.binary_search_by_key(&column, |(at, _)| *at).ok().map(|at| &cells[at].1)
}

/// Sets the cell of a column.
pub(super) fn put(cells: &mut Columns, column: usize, cell: Cell) {
    match cells.binary_search_by_key(&column, |(at, _)| *at) {
        Ok(at) => cells[at].1 = cell,
        Err(at) => cells.insert(at, (column, cell)),
    }
}

/// A row to insert.
#[derive(Clone, Debug)]
pub(super) struct NewRow {
    pub(super) object: ObjectRef,
    pub(super) def: &'static EntityDef,
    pub(super) cells: Columns,
    /// Tells whether the object was written to while the flush ran.
    pub(super) draft: usize,
}

/// A row to update.
#[derive(Clone, Debug)]
pub(super) struct ChangedRow {
    pub(super) object: ObjectRef,
    pub(super) def: &'static EntityDef,
    pub(super) cells: Columns,
    pub(super) key: ChangedKey,
    /// The version that was read, where the entity has one.
    pub(super) version: Option<Value>,
    /// What to confirm when it is done.
    pub(super) confirm: Confirm,
}

/// How the row to update is found.
#[derive(Clone, Debug)]
pub(super) enum ChangedKey {
    Known(Vec<Value>),
    /// It is inserted by this flush; a foreign key that closes a circle follows later.
    Inserted(usize),
}

/// What the object has once its UPDATE succeeded.
#[derive(Clone, Copy, Debug)]
pub(super) enum Confirm {
    /// Its row as it was at this version.
    Row(usize),
    /// Of an object whose row is not known, its draft as it was at this version.
    Draft(usize),
    /// The columns that were sent, and no others: the rest of its changes is held back.
    Columns,
    /// Its INSERT says it all.
    Nothing,
}

/// A row to delete.
#[derive(Clone, Debug)]
pub(super) struct GoneRow {
    pub(super) object: ObjectRef,
    pub(super) def: &'static EntityDef,
    pub(super) key: Vec<Value>,
    /// The version that was read, where the entity has one.
    pub(super) version: Option<Value>,
}

/// The key of one side of a pair.
#[derive(Clone, Debug)]
pub(super) enum PairKey {
    Known(Vec<Value>),
    Inserted(usize),
}

/// A row of a secondary table to insert or to delete.
#[derive(Clone, Debug)]
pub(super) struct PairRow {
    pub(super) owner: &'static EntityDef,
    pub(super) relation: &'static RelationDef,
    pub(super) owner_key: PairKey,
    pub(super) target_key: PairKey,
    pub(super) change: PairChange,
}

/// The lists of the unit of work as they were when the flush was planned: what is taken out of them when it succeeded.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Pending objects, inserted or dropped.
    pub(super) pending: IndexSet<ObjectRef>,
    pub(super) dropped: IndexSet<ObjectRef>,
    pub(super) touched: IndexSet<ObjectRef>,
    pub(super) deleted: IndexSet<ObjectRef>,
    pub(super) follows: HashMap<ObjectRef, Vec<Follow>>,
    pub(super) taken_away: IndexMap<ObjectRef, Vec<TakenAway>>,
    pub(super) one_to_one: IndexMap<(ObjectRef, usize), Newest>,
    pub(super) pairs: Vec<(Pair, PairChange)>,
}

/// Everything that a flush has to write.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// In the order of `add`.
    pub(super) new: Vec<NewRow>,
    /// In the order of the first write.
    pub(super) changed: Vec<ChangedRow>,
    /// In the order in which they were found.
    pub(super) gone: Vec<GoneRow>,
    pub(super) pairs: Vec<PairRow>,
    /// Where the new row of an object is.
    pub(super) new_of: HashMap<ObjectRef, usize>,
    pub(super) taken: Taken,
}

/// What is at stake in a foreign key of a row, for who must be written first.
impl Rows {
    /// What a new row refers to by these columns, where all of them are keys of one new row.
    pub(super) fn follows_new(cells: &[(usize, Cell)], columns: &[usize]) -> Option<usize> {
        columns.iter().find_map(|column| match cell_of(cells, *column) {
            Some(Cell::KeyOf { row, .. }) => Some(*row),
            _ => None,
        })
    }

    /// The values of these columns, where all of them are known before anything is sent.
    pub(super) fn known<'c>(cells: &'c [(usize, Cell)], columns: &[usize]) -> Option<Vec<&'c Value>> {
        columns.iter().map(|column| cell_of(cells, *column)?.value()).collect()
    }
}
