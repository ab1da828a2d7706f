//! Copies of one object in what is merged become one: what was set on any of them is set, and only that can contradict.

use std::{collections::HashMap, sync::Arc};

use super::{Extent, Node, NodeMember, Related, Sources};
use crate::{
    error::{Error, ErrorKind, Result},
    value::{ComparableKey, Value},
};

impl Sources {
    /// Nodes of one key become one.
    pub(super) fn unite(&mut self) -> Result<()> {
        let mut by_key: HashMap<(usize, ComparableKey), usize> = HashMap::new();
        self.same = (0..self.nodes.len()).collect();
        for (at, node) in self.nodes.iter().enumerate() {
            if let Some(key) = node.key.as_ref().and_then(ComparableKey::of) {
                self.same[at] = *by_key.entry((node.def.index.get(), key)).or_insert(at);
            }
        }
        for at in 0..self.nodes.len() {
            if self.same[at] != at {
                self.unite_with(self.same[at], at)?;
            }
        }
        Ok(())
    }

    fn unite_with(&mut self, kept: usize, copy: usize) -> Result<()> {
        let (a, b) = (&self.nodes[kept], &self.nodes[copy]);
        // Two keys that are one can be written in two ways: 1.1 and 1.10.
        let is_key = |column: &usize| a.def.primary_key.contains(column);
        let set_otherwise = |(column, value): &&(usize, Value)| {
            b.values.iter().any(|(known, other)| known == column && other != value && !is_key(column))
        };
        if let Some((column, _)) = a.values.iter().find(set_otherwise) {
            return Err(two_copies(a, a.def.columns[*column].field));
        }
        if a.is_changed() && b.is_changed() && a.version_read() != b.version_read() {
            let version = a.def.columns.iter().find(|column| column.version);
            if let (Some(_), Some(_), Some(version)) = (a.version_read(), b.version_read(), version) {
                return Err(two_copies(a, version.field));
            }
        }
        let mut relations = a.relations.clone();
        for other in &b.relations {
            match relations.iter_mut().find(|known| known.relation == other.relation) {
                None => relations.push(other.clone()),
                Some(known) => self.unite_lists(a, known, other)?,
            }
        }
        let new = b.values.iter().filter(|(column, _)| a.values.iter().all(|(known, _)| known != column));
        let values: Vec<(usize, Value)> = new.cloned().collect();
        // The row of a copy that was changed says under which version.
        let row = match (&a.row, &b.row) {
            (Some(_), Some(row)) if !a.is_changed() && b.is_changed() => Some(row),
            (Some(row), _) | (None, Some(row)) => Some(row),
            (None, None) => None,
        };
        let (origin, standing, row) = (a.origin.max(b.origin), a.standing.max(b.standing), row.cloned());
        let kept = &mut self.nodes[kept];
        kept.values.extend(values);
        (kept.origin, kept.standing, kept.row, kept.relations) = (origin, standing, row, relations);
        Ok(())
    }

    /// Brings what another copy says of a relationship into what this one says.
    fn unite_lists(&self, node: &Node, known: &mut Related, other: &Related) -> Result<()> {
        let differ = || Err(two_copies(node, node.def.relations[known.relation].name));
        match (known.extent, other.extent) {
            (Extent::Whole, Extent::Whole) if !self.same_members(&known.members, &other.members) => return differ(),
            (Extent::Whole, Extent::Whole) => {}
            // What the list is to become, and a change of it.
            (Extent::Whole, _) if other.is_changed() => return differ(),
            (Extent::Whole, _) => {}
            (_, Extent::Whole) if known.is_changed() => return differ(),
            (_, Extent::Whole) => *known = other.clone(),
            (extent, _) => {
                let leaves =
                    |left: &[Vec<Value>], came: &[NodeMember]| came.iter().any(|member| self.names(member, left));
                if leaves(&known.left, &other.came) || leaves(&other.left, &known.came) {
                    return differ();
                }
                if extent == Extent::Part && other.extent == Extent::Held {
                    (known.extent, known.members) = (Extent::Held, other.members.clone());
                }
                known.came.extend(other.came.iter().cloned());
                known.left.extend(other.left.iter().cloned());
            }
        }
        Ok(())
    }

    /// Whether a member has one of these keys.
    fn names(&self, member: &NodeMember, keys: &[Vec<Value>]) -> bool {
        match member {
            NodeMember::Node(node) => self.nodes[*node].key.as_ref().is_some_and(|key| keys.contains(key)),
            NodeMember::Key(key) => keys.contains(key),
            NodeMember::Object(_) => false,
        }
    }

    pub(super) fn same_members(&self, a: &[NodeMember], b: &[NodeMember]) -> bool {
        let is_same = |(a, b): (&NodeMember, &NodeMember)| match (a, b) {
            (NodeMember::Node(a), NodeMember::Node(b)) => self.same[*a] == self.same[*b],
            (NodeMember::Object(a), NodeMember::Object(b)) => a.object == b.object && a.map == b.map,
            (NodeMember::Key(a), NodeMember::Key(b)) => a == b,
            _ => false,
        };
        a.len() == b.len() && a.iter().zip(b).all(is_same)
    }

    /// Whether all copies of one object are alike: what is taken in as it is cannot be two things.
    pub(super) fn check_copies_agree(&self) -> Result<()> {
        for (copy, at) in self.same.iter().enumerate().filter(|(copy, at)| copy != *at) {
            let (a, b) = (&self.nodes[*at], &self.nodes[copy]);
            if matches!((&a.row, &b.row), (Some(a), Some(b)) if Arc::ptr_eq(&a.row, &b.row)) {
                continue;
            }
            let differs = |column: &usize| match (a.value(*column), b.value(*column)) {
                (Some(a), Some(b)) => a != b,
                _ => false,
            };
            if let Some(column) = (0..a.def.columns.len()).find(differs) {
                return Err(two_copies(a, a.def.columns[column].field));
            }
            for other in b.relations.iter().filter(|other| other.extent == Extent::Held) {
                let known = a.relations.iter().find(|known| known.relation == other.relation);
                if known.is_some_and(|known| !self.same_members(&known.members, &other.members)) {
                    return Err(two_copies(a, a.def.relations[other.relation].name));
                }
            }
        }
        Ok(())
    }
}

fn two_copies(node: &Node, what: &'static str) -> Error {
    Error::new(
        ErrorKind::IdentityConflict,
        format!(
            "there are two copies of this {} with different `{what}` in what is merged, and no telling which is meant; nothing was \
             changed. Give the one that you mean",
            node.def.name
        ),
    )
    .with_entity(node.def.name)
    .with_key(node.print_key())
    .with_attribute(what)
}
