//! Rows that a program vouches for, taken in as they are: what `attach` does.

use std::sync::Arc;

use super::{Extent, Node, NodeMember, Related, Sources};
use crate::{
    error::{Error, ErrorKind, Result},
    identity::{IdentityMap, ObjectRef, inverse_of, key_columns, referenced_columns},
    loading::column_error,
    schema::RelationKind,
    state::{AnyStore, Targets},
    value::Value,
};

/// What is taken in belongs to no transaction: a row that a query brings is newer.
const PAST: u64 = 0;

impl IdentityMap {
    /// Takes in the rows of a graph and what they hold; what the session knows already stays as it is. Gives an object for each node that
    /// stands for its key.
    pub(crate) fn adopt(&self, sources: &Sources) -> Result<Vec<Option<ObjectRef>>> {
        let _work = self.work();
        let nodes = || sources.nodes.iter().enumerate().filter(|(at, _)| sources.same[*at] == *at);
        sources.check_copies_agree()?;
        let set = |node: &Node| node.values.first().map(|(column, _)| node.def.columns[*column].field);
        let list = |node: &Node| {
            node.relations
                .iter()
                .find(|related| related.is_changed())
                .map(|related| node.def.relations[related.relation].name)
        };
        let changed = nodes().find_map(|(_, node)| Some((node, set(node).or_else(|| list(node))?)));
        if let Some((node, what)) = changed {
            return Err(Error::new(
                ErrorKind::Unflushed,
                format!(
                    "`{what}` was set since it was detached, and attaching writes nothing: merge it, `session.merge(value).await?`"
                ),
            )
            .with_entity(node.def.name)
            .with_key(node.print_key()));
        }
        let mut objects = vec![None; sources.nodes.len()];
        for (at, node) in nodes() {
            let store = self.store_of(node.def);
            let Some(row) = &node.row else { continue };
            let slot = store.adopt(&row.row, PAST).map_err(|error| column_error(node.def, &error))?;
            let slot = slot.ok_or_else(|| {
                Error::new(ErrorKind::ObjectDeleted, "deleted in this session")
                    .with_entity(node.def.name)
                    .with_key(node.print_key())
            })?;
            objects[at] = Some(Self::object(node.def, slot));
        }
        let object = |node: usize| objects[sources.same[node]];
        // From below: a list may be promised to hold members that hold something.
        let mut lists = Vec::new();
        for (at, node) in sources.nodes.iter().enumerate().rev().filter(|(at, _)| sources.same[*at] == *at) {
            let Some(owner) = object(at) else { continue };
            for Related { relation, extent, members, .. } in &node.relations {
                let link = self.store_at(owner).link(owner.slot, *relation);
                if *extent == Extent::Part || link.is_loaded() {
                    continue;
                }
                let members: Vec<ObjectRef> = members
                    .iter()
                    .filter_map(|member| match member {
                        NodeMember::Node(node) => object(*node),
                        NodeMember::Object(_) | NodeMember::Key(_) => None,
                    })
                    .collect();
                members.iter().try_for_each(|member| self.check_refers(owner, *relation, *member))?;
                if let Some(promise) = self.promised(owner, Some(*relation)) {
                    for member in &members {
                        self.holds(*member, &promise)
                            .map_err(|lacking| self.breaks_promise(owner, Some(*relation), *member, &lacking))?;
                    }
                }
                lists.push((owner, *relation, members));
            }
        }
        for (owner, relation, members) in lists {
            let store = self.store_at(owner);
            let targets = match store.def().relations[relation].kind.is_many() {
                true => Targets::Many(Arc::new(members.iter().map(|member| member.slot).collect())),
                false => Targets::One(members.first().map(|member| member.slot)),
            };
            store.link(owner.slot, relation).load(targets, PAST);
        }
        Ok(objects)
    }

    /// Whether two objects are related by their rows as the session knows them.
    fn check_refers(&self, owner: ObjectRef, relation: usize, member: ObjectRef) -> Result<()> {
        let def = self.store_at(owner).def();
        let declared = &def.relations[relation];
        let (child, parent) = match declared.kind {
            RelationKind::ManyToMany => return Ok(()),
            RelationKind::BelongsTo => (owner, member),
            RelationKind::HasMany | RelationKind::HasOne => (member, owner),
        };
        let (children, parents) = (self.store_at(child), self.store_at(parent));
        let value = |store: &dyn AnyStore, slot, column: &usize| -> Option<Value> { store.value(slot, *column) };
        let refers = key_columns(children.def(), declared)
            .iter()
            .map(|column| value(children, child.slot, column))
            .eq(referenced_columns(parents.def(), declared).iter().map(|column| value(parents, parent.slot, column)));
        if refers {
            return Ok(());
        }
        let name = match declared.kind {
            RelationKind::BelongsTo => Some(declared.name),
            _ => inverse_of(def, relation).map(|at| children.def().relations[at].name),
        };
        Err(Error::new(
            ErrorKind::State,
            "the session holds this object with another target than the value that is attached; nothing was related. Merge the value, \
             or attach less of it: `Detached::narrow(value)`",
        )
        .with_entity(children.def().name)
        .with_key(children.print_key(child.slot))
        .with_attribute(name.unwrap_or(declared.name)))
    }
}
