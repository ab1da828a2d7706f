//! How deep a tree of conditions may be, and the branches that keep it so.
//!
//! Whoever walks a tree does so by recursion, and so does the parser of each database. Chains of AND and OR are flat lists, however
//! long; what lies deeper than [`MAX_DEPTH`] is dropped when the tree is built, and the query that holds such a tree is refused when
//! it is run. No tree is ever deeper, so that none can exhaust the stack: not when it is rendered, printed, cloned or dropped.

use std::{collections::VecDeque, fmt, ops::Deref};

use super::Node;

/// How many levels of AND within OR within NOT within a relationship a condition may have, and a calculation of operations.
pub const MAX_DEPTH: u16 = 96;

/// A list of conditions that a tree branches into.
#[derive(Clone, Default)]
pub struct Nodes {
    nodes: VecDeque<Node>,
    depth: u16,
}

impl Nodes {
    /// No conditions.
    #[must_use]
    pub const fn new() -> Self {
        Self { nodes: VecDeque::new(), depth: 0 }
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The conditions, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Node> {
        self.nodes.iter()
    }

    pub(super) fn depth(&self) -> u16 {
        self.depth
    }

    pub(super) fn push_back(&mut self, node: Node) {
        let node = self.hold(node);
        self.nodes.push_back(node);
    }

    pub(super) fn push_front(&mut self, node: Node) {
        let node = self.hold(node);
        self.nodes.push_front(node);
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.depth = self.depth.max(other.depth);
        self.nodes.append(&mut other.nodes);
    }

    fn hold(&mut self, node: Node) -> Node {
        let (node, depth) = one_deeper(node);
        self.depth = self.depth.max(depth);
        node
    }
}

impl FromIterator<Node> for Nodes {
    fn from_iter<I: IntoIterator<Item = Node>>(nodes: I) -> Self {
        let mut list = Self::new();
        nodes.into_iter().for_each(|node| list.push_back(node));
        list
    }
}

impl From<Vec<Node>> for Nodes {
    fn from(nodes: Vec<Node>) -> Self {
        nodes.into_iter().collect()
    }
}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The one condition within another.
#[derive(Clone)]
pub struct Nested {
    node: Box<Node>,
    depth: u16,
}

impl Nested {
    /// This condition within another.
    #[must_use]
    pub fn new(node: Node) -> Self {
        let (node, depth) = one_deeper(node);
        Self { node: Box::new(node), depth }
    }

    pub(super) fn depth(&self) -> u16 {
        self.depth
    }

    pub(super) fn into_node(self) -> Node {
        *self.node
    }
}

impl Deref for Nested {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.node
    }
}

impl fmt::Debug for Nested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.node, f)
    }
}

/// A condition as a part of another, and how deep that is then.
fn one_deeper(node: Node) -> (Node, u16) {
    let depth = node.depth() + 1;
    if depth > MAX_DEPTH { (Node::TooDeep, MAX_DEPTH) } else { (node, depth) }
}
