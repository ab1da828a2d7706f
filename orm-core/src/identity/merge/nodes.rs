//! One object to be merged, its entity known by its definition only.

use std::{any::Any, fmt, sync::Arc};

use crate::{
    identity::Token,
    schema::EntityDef,
    value::{Value, print_values},
};

/// Where a node comes from. The order says which is kept when two nodes of one key are one: the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// A key alone: the row must be there.
    Key,
    /// Changes: the row must be there.
    Changes,
    /// A new object: inserted where there is no row.
    New,
    /// A value that was read once: inserted where there is no row any more, unless it has a version.
    Detached,
}

/// The row of a detached value, whatever its entity.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) row: Arc<dyn Any + Send + Sync>,
    pub(crate) value: fn(&(dyn Any + Send + Sync), usize) -> Option<Value>,
}

impl Row {
    pub(crate) fn value(&self, column: usize) -> Option<Value> {
        (self.value)(&*self.row, column)
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Row")
    }
}

/// Whether the members of a node's relationship are all that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The relationship becomes exactly these.
    Whole,
    /// A filtered list: these are merged, and the relationship stays as it is.
    Part,
}

/// The other side of a node's relationship.
#[derive(Clone, Debug)]
pub(crate) enum NodeMember {
    /// Another node.
    Node(usize),
    /// An object that a session holds.
    Object(Token),
    /// A row, by its key.
    Key(Vec<Value>),
}

/// One object to be merged.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) def: &'static EntityDef,
    pub(crate) origin: Origin,
    /// What is to be written: what was set.
    pub(crate) values: Vec<(usize, Value)>,
    /// What was read, of a detached value.
    pub(crate) row: Option<Row>,
    /// The primary key, once it is found; of a new object perhaps none.
    pub(crate) key: Option<Vec<Value>>,
    pub(crate) relations: Vec<(usize, Extent, Vec<NodeMember>)>,
}

impl Node {
    pub(crate) fn new(def: &'static EntityDef, origin: Origin, values: Vec<(usize, Value)>) -> Self {
        Self { def, origin, values, row: None, key: None, relations: Vec::new() }
    }

    /// The value of a column, set or read.
    pub(crate) fn value(&self, column: usize) -> Option<Value> {
        let set = self.values.iter().find(|(known, _)| *known == column).map(|(_, value)| value.clone());
        set.or_else(|| self.row.as_ref()?.value(column))
    }

    /// The version that was read.
    pub(crate) fn version(&self) -> Option<Value> {
        self.value(self.def.columns.iter().position(|column| column.version)?)
    }

    /// The key for a message.
    pub(crate) fn print_key(&self) -> String {
        self.key.as_ref().map_or_else(|| "new".to_owned(), |key| print_values(key))
    }
}
