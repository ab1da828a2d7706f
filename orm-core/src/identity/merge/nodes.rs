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

/// What the members of a node's relationship are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The relationship becomes exactly these.
    Whole,
    /// All that there were when the value was detached: these are merged, and the relationship stays as it is.
    Held,
    /// Those that a filter let through: these are merged, and the relationship stays as it is.
    Part,
}

/// One relationship of a node.
#[derive(Clone, Debug)]
pub(crate) struct Related {
    pub(crate) relation: usize,
    pub(crate) extent: Extent,
    pub(crate) members: Vec<NodeMember>,
    /// What was added to a detached value's list since it was detached.
    pub(crate) came: Vec<NodeMember>,
    /// The keys of what was taken out of it.
    pub(crate) left: Vec<Vec<Value>>,
}

impl Related {
    pub(crate) fn new(relation: usize, extent: Extent, members: Vec<NodeMember>) -> Self {
        Self { relation, extent, members, came: Vec::new(), left: Vec::new() }
    }

    /// Whether the program changed the list of a detached value.
    pub(crate) fn is_changed(&self) -> bool {
        !self.came.is_empty() || !self.left.is_empty()
    }

    /// Whether merging this needs the list as it is now.
    pub(crate) fn is_written(&self) -> bool {
        self.extent == Extent::Whole || self.is_changed()
    }

    /// The members, and what was added to them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &NodeMember> {
        self.members.iter().chain(&self.came)
    }

    /// The same, to be replaced.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut NodeMember> {
        self.members.iter_mut().chain(&mut self.came)
    }

    /// Those of them that are nodes.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = usize> {
        nodes_among(self.all())
    }
}

/// Those members that are nodes.
pub(crate) fn nodes_among<'m>(members: impl IntoIterator<Item = &'m NodeMember>) -> impl Iterator<Item = usize> {
    members.into_iter().filter_map(|member| match member {
        NodeMember::Node(node) => Some(*node),
        NodeMember::Object(_) | NodeMember::Key(_) => None,
    })
}

/// Why a node is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// A detached value holds it: unless something of it was set, nothing of it is written.
    Held,
    /// The program gave it.
    Given,
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
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) def: &'static EntityDef,
    pub(crate) origin: Origin,
    /// What is to be written: what was set.
    pub(crate) values: Vec<(usize, Value)>,
    /// What was read, of a detached value.
    pub(crate) row: Option<Row>,
    /// The primary key, once it is found; of a new object perhaps none.
    pub(crate) key: Option<Vec<Value>>,
    pub(crate) relations: Vec<Related>,
    pub(crate) standing: Standing,
}

impl Node {
    pub(crate) fn new(def: &'static EntityDef, origin: Origin, values: Vec<(usize, Value)>) -> Self {
        Self { def, origin, values, row: None, key: None, relations: Vec::new(), standing: Standing::Given }
    }

    /// Whether the program changed something of a detached value since it was detached.
    pub(crate) fn is_changed(&self) -> bool {
        !self.values.is_empty() || self.relations.iter().any(Related::is_changed)
    }

    /// Whether nothing of it is written, there or not.
    pub(crate) fn is_only_held(&self) -> bool {
        self.standing == Standing::Held && !self.is_changed()
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

    /// The version that was read, where it is not set.
    pub(crate) fn version_read(&self) -> Option<Value> {
        self.row.as_ref()?.value(self.def.columns.iter().position(|column| column.version)?)
    }

    /// The key for a message.
    pub(crate) fn print_key(&self) -> String {
        self.key.as_ref().map_or_else(|| "new".to_owned(), |key| print_values(key))
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = self.values.iter().map(|(column, _)| self.def.columns[*column].field);
        write!(f, "{} ({:?}) setting ", self.def.name, self.origin)?;
        f.debug_list().entries(set).finish()
    }
}
