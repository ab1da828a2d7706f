//! The graph of what is merged: gathered from builders, changes and detached values, its keys found, copies of one key made one.

use std::collections::VecDeque;

use super::{Extent, Node, NodeMember, Origin, Related, Row, Standing};
use crate::{
    entity::{ChangeSet, Entity},
    error::{Error, ErrorKind, Result},
    handle::{Came, Detached, List, OwnedRow},
    identity::{AnyMember, AnyTransient, IdentityMap, key_columns, referenced_columns},
    load::Load,
    schema::{RelationDef, RelationKind},
    value::{Value, is_null, print_values},
};

/// What is brought into a session by `merge` or `attach`, as a graph.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub(crate) nodes: Vec<Node>,
    /// For each node, the one that stands for its key.
    pub(crate) same: Vec<usize>,
}

/// A foreign key between two nodes, or between a node and something with a key.
struct Edge {
    child: usize,
    columns: Vec<usize>,
    parent: NodeMember,
    referred: Vec<usize>,
}

impl Sources {
    /// Changes of an object whose key is among them.
    #[doc(hidden)]
    pub fn add_changes<E: Entity>(&mut self, changes: ChangeSet<E>) -> usize {
        self.add(Node::new(E::DEF, Origin::Changes, changes.into_values()))
    }

    /// A new object, with the new objects that it is linked to.
    pub(crate) fn add_transient(&mut self, transient: Box<dyn AnyTransient>) -> usize {
        let root = self.nodes.len();
        let mut queue: VecDeque<(Box<dyn AnyTransient>, Option<(usize, usize, usize)>)> = VecDeque::new();
        queue.push_back((transient, None));
        while let Some((transient, place)) = queue.pop_front() {
            let (def, values, links) = transient.into_source();
            let node = self.add(Node::new(def, Origin::New, values));
            if let Some((owner, relation, at)) = place {
                self.nodes[owner].relations[relation].members[at] = NodeMember::Node(node);
            }
            for (relation, members) in links {
                let position = self.nodes[node].relations.len();
                let members = members.into_iter().enumerate().map(|(at, member)| match member {
                    AnyMember::Object(token) => NodeMember::Object(token),
                    AnyMember::Key(key) => NodeMember::Key(key),
                    AnyMember::New(transient) => {
                        queue.push_back((transient, Some((node, position, at))));
                        NodeMember::Node(node)
                    }
                });
                let members = members.collect();
                self.nodes[node].relations.push(Related::new(relation, Extent::Whole, members));
            }
        }
        root
    }

    /// A detached value, with all that it holds.
    pub fn add_detached<E: Entity, L: Load<E>>(&mut self, value: &Detached<E, L>) -> usize {
        let owned = L::row(Detached::owned(value));
        let node = self.add(Self::node_of(owned));
        L::gather(Detached::owned(value), node, self);
        node
    }

    fn node_of<E: Entity>(owned: &OwnedRow<E>) -> Node {
        let row = owned.row();
        let written =
            owned.written().iter().filter_map(|column| Some((usize::from(*column), row.value(usize::from(*column))?)));
        let mut node = Node::new(E::DEF, Origin::Detached, written.collect());
        node.row = Some(Row {
            row: owned.share(),
            value: |row, column| row.downcast_ref::<E>().and_then(|row| row.value(column)),
        });
        node
    }

    /// The target of a to-one that a detached value holds.
    pub(crate) fn hold_one<E: Entity, L: Load<E>>(
        &mut self,
        owner: usize,
        relation: usize,
        target: Option<&Detached<E, L>>,
    ) {
        if !self.nodes[owner].def.relations[relation].view_only {
            let members = target.map(|target| self.add_held(target)).into_iter().collect();
            self.nodes[owner].relations.push(Related::new(relation, Extent::Held, members));
        }
    }

    /// The list that a detached value holds, and what was changed of it.
    pub(crate) fn hold_list<E: Entity, L: Load<E>>(
        &mut self,
        owner: usize,
        relation: usize,
        extent: Extent,
        list: &List<E, L>,
    ) {
        if self.nodes[owner].def.relations[relation].view_only {
            return;
        }
        let members = list.members().iter().map(|member| self.add_held(member)).collect();
        let mut related = Related::new(relation, extent, members);
        related.left = list.left().to_vec();
        for came in list.came() {
            related.came.push(match came {
                Came::Object(token) => NodeMember::Object(*token),
                Came::Key(key) => NodeMember::Key(key.clone()),
                Came::New(graph) => NodeMember::Node(self.append(graph)),
            });
        }
        self.nodes[owner].relations.push(related);
    }

    fn add_held<E: Entity, L: Load<E>>(&mut self, value: &Detached<E, L>) -> NodeMember {
        let node = self.add_detached(value);
        self.nodes[node].standing = Standing::Held;
        NodeMember::Node(node)
    }

    /// Adds another graph; gives its first node.
    fn append(&mut self, graph: &Self) -> usize {
        let first = self.nodes.len();
        for node in &graph.nodes {
            let mut node = node.clone();
            for member in node.relations.iter_mut().flat_map(Related::all_mut) {
                if let NodeMember::Node(at) = member {
                    *at += first;
                }
            }
            self.nodes.push(node);
        }
        first
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// The node that stands for this one.
    pub(crate) fn node(&self, node: usize) -> &Node {
        &self.nodes[self.same[node]]
    }

    /// Finds the key of each node, and makes copies of one key one.
    ///
    /// # Errors
    /// [`ErrorKind::MissingKey`] where a part of a key is missing, [`ErrorKind::IdentityConflict`] where two copies differ.
    pub(crate) fn settle(&mut self, map: &IdentityMap) -> Result<()> {
        self.name_by_key();
        let edges = self.edges();
        self.take_keys_from_parents(map, &edges);
        for node in 0..self.nodes.len() {
            self.nodes[node].key = self.key_of(node, &edges)?;
        }
        self.unite()
    }

    /// What is given by its key, and must be there to be written or referred to, becomes a node of its own.
    fn name_by_key(&mut self) {
        for owner in 0..self.nodes.len() {
            for at in 0..self.nodes[owner].relations.len() {
                let relation = self.nodes[owner].relations[at].relation;
                let declared = &self.nodes[owner].def.relations[relation];
                let by_key_alone = match declared.kind {
                    RelationKind::BelongsTo => declared.references.is_empty(),
                    RelationKind::ManyToMany => true,
                    RelationKind::HasMany | RelationKind::HasOne => false,
                };
                let target = (declared.target)();
                let mut related = self.nodes[owner].relations[at].clone();
                // What comes into a list that a value holds is read in any case: the value's type says that the list is loaded.
                let members = if by_key_alone { [].iter_mut() } else { related.members.iter_mut() };
                for member in members.chain(&mut related.came) {
                    let NodeMember::Key(key) = member else { continue };
                    let values = target.primary_key.iter().copied().zip(key.iter().cloned()).collect();
                    *member = NodeMember::Node(self.add(Node::new(target, Origin::Key, values)));
                }
                self.nodes[owner].relations[at] = related;
            }
        }
    }

    fn edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (owner, node) in self.nodes.iter().enumerate() {
            for related in &node.relations {
                let declared: &RelationDef = &node.def.relations[related.relation];
                let target = (declared.target)();
                for member in related.all() {
                    match (declared.kind, member) {
                        (RelationKind::BelongsTo, _) => edges.push(Edge {
                            child: owner,
                            columns: key_columns(node.def, declared),
                            parent: member.clone(),
                            referred: referenced_columns(target, declared),
                        }),
                        (RelationKind::HasMany | RelationKind::HasOne, NodeMember::Node(child)) => edges.push(Edge {
                            child: *child,
                            columns: key_columns(target, declared),
                            parent: NodeMember::Node(owner),
                            referred: referenced_columns(node.def, declared),
                        }),
                        _ => {}
                    }
                }
            }
        }
        let is_key_of_child = |edge: &Edge| {
            let key = self.nodes[edge.child].def.primary_key;
            edge.columns.iter().any(|column| key.contains(column))
        };
        edges.retain(is_key_of_child);
        edges
    }

    /// Parts of a key that come from a parent.
    fn take_keys_from_parents(&mut self, map: &IdentityMap, edges: &[Edge]) {
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for edge in edges {
                for (part, column) in edge.columns.iter().enumerate() {
                    if self.nodes[edge.child].value(*column).is_some() {
                        continue;
                    }
                    let referred = edge.referred[part];
                    let value = match &edge.parent {
                        NodeMember::Node(parent) => self.nodes[*parent].value(referred),
                        NodeMember::Object(token) => map.resolve(*token).ok().and_then(|object| {
                            let store = map.store_at(object);
                            let at = store.def().primary_key.iter().position(|key| *key == referred)?;
                            store.key(object.slot)?.get(at).cloned()
                        }),
                        NodeMember::Key(key) => key.get(part).cloned(),
                    };
                    if let Some(value) = value.filter(|value| !is_null(value)) {
                        self.nodes[edge.child].values.push((*column, value));
                        changed = true;
                    }
                }
            }
        }
    }

    fn key_of(&self, node: usize, edges: &[Edge]) -> Result<Option<Vec<Value>>> {
        let Node { def, origin, .. } = self.nodes[node];
        let parts: Vec<Option<Value>> = def
            .primary_key
            .iter()
            .map(|column| self.nodes[node].value(*column).filter(|value| !is_null(value)))
            .collect();
        let Some(missing) = parts.iter().position(Option::is_none) else { return Ok(parts.into_iter().collect()) };
        let column = def.primary_key[missing];
        // A parent without a key is new, and so is what has its key.
        let from_parent = edges.iter().any(|edge| edge.child == node && edge.columns.contains(&column));
        if origin == Origin::New && (from_parent || parts.iter().all(Option::is_none)) {
            return Ok(None);
        }
        let field = def.columns[column].field;
        let given: Vec<Value> = parts.iter().flatten().cloned().collect();
        let what = if given.is_empty() { "the key is not set" } else { "a part of the key is not set" };
        Err(Error::new(
            ErrorKind::MissingKey,
            format!("{what}, so that no row can be meant: give `{field}`. Nothing was read or changed"),
        )
        .with_entity(def.name)
        .with_attribute(field)
        .with_key(if given.is_empty() { "?".to_owned() } else { print_values(&given) }))
    }
}
