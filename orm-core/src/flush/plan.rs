//! The plan of a flush: which statements will be sent, in which order, and why. A value: it can be printed and tested
//! without a database.

use super::rows::Rows;
use crate::schema::{EntityDef, RelationDef};

/// What will be sent, and what it is made of.
#[derive(Debug, Default)]
pub(crate) struct FlushPlan {
    pub(super) rows: Rows,
    pub(super) steps: Vec<Step>,
}

/// One kind of statement about one table; it becomes as few statements as the database's limits allow.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) action: Action,
    /// Why it stands where it stands.
    pub(super) why: Why,
}

#[derive(Debug)]
pub(super) enum Action {
    Insert(Insert),
    Update(Update),
    Delete(Delete),
    /// Foreign keys of rows that are about to go, or to be changed later, become NULL first.
    ClearForeignKey {
        def: &'static EntityDef,
        columns: Vec<usize>,
        keys: Vec<Vec<crate::value::Value>>,
    },
    /// Rows of a secondary table, by position in [`Rows::pairs`].
    InsertPairs(Pairs),
    DeletePairs(Pairs),
    /// All pairs of rows that go, by position in [`Rows::gone`].
    DeletePairsOf {
        def: &'static EntityDef,
        relation: &'static RelationDef,
        rows: Vec<usize>,
    },
}

/// New rows with the same columns, by position in [`Rows::new`].
#[derive(Debug)]
pub(super) struct Insert {
    pub(super) def: &'static EntityDef,
    pub(super) columns: Vec<usize>,
    pub(super) returning: Vec<usize>,
    pub(super) matching: Matching,
    pub(super) rows: Vec<usize>,
}

/// How returned rows are matched to objects, beyond doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matching {
    /// Nothing comes back.
    Nothing,
    /// By the primary key, which the program set.
    Key,
    /// By this generated integer, part of the key: rows of one statement get ascending ones in their order.
    Ascending(usize),
    /// One row at a time: the database makes keys that have no order.
    RowByRow,
}

/// Changed rows with the same columns, by position in [`Rows::changed`].
#[derive(Debug)]
pub(super) struct Update {
    pub(super) def: &'static EntityDef,
    pub(super) columns: Vec<usize>,
    /// The version column, which must be as it was read.
    pub(super) version: Option<usize>,
    pub(super) returning: Vec<usize>,
    pub(super) rows: Vec<usize>,
}

/// Rows that go, by position in [`Rows::gone`].
#[derive(Debug)]
pub(super) struct Delete {
    pub(super) def: &'static EntityDef,
    pub(super) version: Option<usize>,
    pub(super) rows: Vec<usize>,
}

/// Rows of one secondary table.
#[derive(Debug)]
pub(super) struct Pairs {
    pub(super) owner: &'static EntityDef,
    pub(super) relation: &'static RelationDef,
    pub(super) rows: Vec<usize>,
}

/// Why a step stands where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Parents come before children, children go before parents.
    ForeignKeys,
    /// Rows of one table, or of a circle of tables, that refer to each other: this is such a level of them.
    Level(usize),
    /// A value that must be unique is free only afterwards.
    FreesUniqueValue,
    /// It refers to rows that were just inserted.
    RefersToNewRows,
    /// A circle of new rows: the foreign key that closes it follows once both have keys.
    ClosesCircle,
    /// A circle of rows that go: one foreign key lets go first.
    OpensCircle,
    /// Pairs: once both sides have keys, or before either goes.
    Pairs,
}
