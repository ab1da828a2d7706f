//! Pairs of a many-to-many: rows of a secondary table come and go.

use crate::{
    error::Result,
    identity::{
        IdentityMap, ObjectRef,
        work::{Pair, PairChange, Work},
    },
    state::{AnyStore, Status},
};

impl IdentityMap {
    pub(super) fn connect_pair(
        &self,
        work: &mut Work,
        owner: ObjectRef,
        relation: usize,
        target: ObjectRef,
        inverse: Option<usize>,
    ) -> Result<()> {
        let below_owner = self.promised(owner, Some(relation));
        let below_target = self.promised(target, inverse);
        if let Some(shape) = &below_owner {
            self.holds(target, shape)
                .map_err(|lacking| self.breaks_promise(owner, Some(relation), target, &lacking))?;
        }
        if let Some(shape) = &below_target {
            self.holds(owner, shape).map_err(|lacking| self.breaks_promise(target, inverse, owner, &lacking))?;
        }
        let (owners, targets) = (self.store_at(owner), self.store_at(target));
        // Either side may be the one that is loaded.
        let shows = |store: &dyn AnyStore, from: ObjectRef, relation: usize, to: ObjectRef| {
            let targets = store.links(from.slot).and_then(|links| links[relation].targets());
            targets.is_some_and(|targets| targets.as_slice().contains(&to.slot))
        };
        let known = shows(owners, owner, relation, target)
            || inverse.is_some_and(|inverse| shows(targets, target, inverse, owner));
        if !known {
            work.change_pair(Pair { owner, relation, target }, inverse, PairChange::Add);
        }
        if targets.status(target.slot) == Status::Persistent && owners.status(owner.slot) == Status::Persistent {
            owners.link(owner.slot, relation).append(target.slot, self.epoch());
            if let Some(inverse) = inverse {
                targets.link(target.slot, inverse).append(owner.slot, self.epoch());
            }
        }
        if let Some(shape) = below_owner {
            self.promise(target, &shape);
        }
        if let Some(shape) = below_target {
            self.promise(owner, &shape);
        }
        Ok(())
    }
}
