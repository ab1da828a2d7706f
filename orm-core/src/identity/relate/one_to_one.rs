//! A parent that is given another child by a one-to-one relationship: the child that it had lets go.

use super::{Edge, inverse_of, is_one_to_one, referenced_columns};
use crate::{
    error::{Error, ErrorKind, Result},
    identity::{
        IdentityMap, ObjectRef, Work,
        work::{Former, Newest},
    },
    state::Status,
    value::Value,
};

/// The children that must let go of a parent once it has another one.
pub(in crate::identity) struct Replaced {
    edge: Edge,
    children: Vec<ObjectRef>,
}

impl IdentityMap {
    /// The children that must let go, as far as they are known, once this one comes. Refused where one of them may not be left alone.
    pub(super) fn replaced_by(&self, work: &Work, edge: &Edge) -> Result<Vec<ObjectRef>> {
        let Some((parent, at)) = self.one_to_one_side(edge) else { return Ok(Vec::new()) };
        let links = self.store_at(parent).links(parent.slot);
        let shown = links.filter(|links| links[at].is_loaded_in(self.epoch())).and_then(|links| links[at].targets());
        let shown = shown.and_then(|targets| targets.as_slice().first().copied());
        let shown = shown.map(|slot| ObjectRef { slot, ..edge.child });
        let newest = work.one_to_one.get(&(parent, at)).map(|newest| newest.child);
        let mut replaced: Vec<ObjectRef> = Vec::new();
        for child in shown.into_iter().chain(newest) {
            let is_other = child != edge.child && !replaced.contains(&child);
            if is_other && self.is_parent(work, parent, child, edge.relation) == Some(true) {
                self.check_disconnect(work, parent, at, child)?;
                replaced.push(child);
            }
        }
        Ok(replaced)
    }

    /// They let go; and the flush looks for one that nobody knows of, unless it is known that there is none.
    pub(super) fn replace_former(
        &self,
        work: &mut Work,
        edge: &Edge,
        replaced: &[ObjectRef],
        was_child: bool,
    ) -> Result<()> {
        let Some((parent, at)) = self.one_to_one_side(edge) else { return Ok(()) };
        for child in replaced {
            self.leave(work, &Edge { child: *child, ..*edge })?;
            work.replaced.entry(edge.child).or_default().push((*child, parent, at));
        }
        let store = self.store_at(parent);
        // One that was shown in an earlier transaction may have another parent by now: the flush decides, and it is shown no more.
        let shown = store.links(parent.slot).and_then(|links| links[at].targets());
        for slot in shown.iter().flat_map(|targets| targets.as_slice()).filter(|slot| **slot != edge.child.slot) {
            store.link(parent.slot, at).remove(*slot, self.epoch());
        }
        let is_loaded = store.links(parent.slot).is_some_and(|links| links[at].is_loaded_in(self.epoch()));
        let former = match work.one_to_one.get(&(parent, at)) {
            _ if is_loaded || store.status(parent.slot) == Status::Pending => Former::Settled,
            Some(known) => known.former,
            None if was_child => return Ok(()),
            None => Former::Unknown,
        };
        work.one_to_one.insert((parent, at), Newest { child: edge.child, former });
        Ok(())
    }

    /// The parent of a one-to-one relationship that a child is given by its key alone, and the children that must let go.
    pub(in crate::identity) fn replaced_by_key(
        &self,
        work: &Work,
        child: ObjectRef,
        relation: usize,
        key: &[Value],
    ) -> Result<Option<Replaced>> {
        let def = self.store_at(child).def();
        let declared = &def.relations[relation];
        let target = (declared.target)();
        let parent_relation = inverse_of(def, relation).filter(|at| is_one_to_one(target, *at));
        if parent_relation.is_none() || referenced_columns(target, declared) != target.primary_key {
            return Ok(None);
        }
        let parent = self.store_of(target).reserve(key).map_err(|error| {
            Error::new(ErrorKind::State, error.reason())
                .with_entity(def.name)
                .with_attribute(declared.name)
                .with_key(self.store_at(child).print_key(child.slot))
        })?;
        let parent = Self::object(target, parent);
        let edge = Edge { child, parent, child_relation: Some(relation), parent_relation, relation: declared };
        let children = self.replaced_by(work, &edge)?;
        Ok(Some(Replaced { edge, children }))
    }

    /// They let go.
    pub(in crate::identity) fn replace_by_key(&self, work: &mut Work, replaced: &Replaced) -> Result<()> {
        self.replace_former(work, &replaced.edge, &replaced.children, false)
    }

    /// A child lets go of a parent that has another one.
    pub(in crate::identity) fn leave_one_to_one(
        &self,
        work: &mut Work,
        parent: ObjectRef,
        relation: usize,
        child: ObjectRef,
    ) -> Result<()> {
        let def = self.store_at(parent).def();
        let child_relation = inverse_of(def, relation);
        let declared = &def.relations[relation];
        self.check_disconnect(work, parent, relation, child)?;
        self.leave(work, &Edge { child, parent, child_relation, parent_relation: Some(relation), relation: declared })
    }

    /// The parent's relationship, if it is one-to-one.
    fn one_to_one_side(&self, edge: &Edge) -> Option<(ObjectRef, usize)> {
        let at = edge.parent_relation?;
        is_one_to_one(self.store_at(edge.parent).def(), at).then_some((edge.parent, at))
    }
}
