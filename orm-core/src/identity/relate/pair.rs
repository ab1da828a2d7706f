//! Pairs of a many-to-many: rows of a secondary table come and go.

use crate::{
    collections::HashSet,
    error::Result,
    identity::{
        IdentityMap, ObjectRef,
        relate::inverse_of,
        work::{Knowledge, Pair, PairChange, Work},
    },
    schema::{EntityDef, RelationKind},
    state::{Link, Status, Targets},
};

/// A many-to-many relationship as the pairs of the unit of work name it: from this side, or from the other one.
pub(in crate::identity) struct PairsOf {
    here: (u32, usize),
    /// The relationship that the target declares, if it declares one.
    there: Option<(u32, usize)>,
}

impl PairsOf {
    /// `None` where the relationship has a foreign key: nothing of it is in pairs.
    pub(in crate::identity) fn relation(def: &'static EntityDef, relation: usize) -> Option<Self> {
        let declared = &def.relations[relation];
        let entity = |def| IdentityMap::object(def, 0).entity;
        (declared.kind == RelationKind::ManyToMany).then(|| Self {
            here: (entity(def), relation),
            there: inverse_of(def, relation).map(|inverse| (entity((declared.target)()), inverse)),
        })
    }

    /// The owner and the member that a pair is about; `None` where it is of another relationship.
    pub(in crate::identity) fn ends(&self, pair: &Pair) -> Option<(ObjectRef, ObjectRef)> {
        let named = (pair.owner.entity, pair.relation);
        if named == self.here {
            Some((pair.owner, pair.target))
        } else {
            (Some(named) == self.there).then_some((pair.target, pair.owner))
        }
    }

    /// The member of this owner that a pair is about.
    pub(in crate::identity) fn member_of(&self, owner: ObjectRef, pair: &Pair) -> Option<ObjectRef> {
        self.ends(pair).filter(|(other, _)| *other == owner).map(|(_, member)| member)
    }
}

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
        let pair = Pair { owner, relation, target };
        let sides = self.sides(pair, inverse);
        // Either side may be the one that is loaded.
        let known = sides.into_iter().flatten().any(|(list, member)| list.as_slice().contains(&member));
        if !known {
            let knowledge = self.knowledge(pair, inverse);
            work.change_pair(pair, inverse, PairChange::Add, knowledge);
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

    pub(super) fn disconnect_pair(&self, work: &mut Work, pair: Pair, inverse: Option<usize>) {
        let Pair { owner, relation, target } = pair;
        let knowledge = self.knowledge(pair, inverse);
        let shown =
            self.sides(pair, inverse).into_iter().flatten().any(|(list, member)| list.as_slice().contains(&member));
        // What is surely not there, and was not to come, cannot go.
        if knowledge == Knowledge::Sure && !shown && !work.has_pair(pair, inverse) {
            return;
        }
        work.change_pair(pair, inverse, PairChange::Remove, knowledge);
        self.store_at(owner).link(owner.slot, relation).remove(target.slot, self.epoch());
        if let Some(inverse) = inverse {
            self.store_at(target).link(target.slot, inverse).remove(owner.slot, self.epoch());
        }
    }

    /// Takes many members away from one owner: a list is written once, whatever its length.
    pub(in crate::identity) fn disconnect_pairs(
        &self,
        work: &mut Work,
        owner: ObjectRef,
        relation: usize,
        members: &[ObjectRef],
    ) {
        let inverse = inverse_of(self.store_at(owner).def(), relation);
        let link = self.store_at(owner).link(owner.slot, relation);
        let listed = link.targets().filter(|_| link.is_loaded_in(self.epoch()));
        let is_known = listed.is_some();
        let listed: HashSet<u32> = listed.iter().flat_map(|targets| targets.as_slice()).copied().collect();
        let mut cancelled = HashSet::new();
        for member in members {
            let pair = Pair { owner, relation, target: *member };
            let there =
                inverse.and_then(|inverse| self.store_at(*member).links(member.slot).map(|links| &links[inverse]));
            let there = there.filter(|link| link.is_loaded_in(self.epoch())).and_then(Link::targets);
            let shows_owner = there.as_ref().is_some_and(|targets| targets.as_slice().contains(&owner.slot));
            let knowledge = if is_known { Knowledge::Sure } else { self.knowledge(pair, inverse) };
            let shown = shows_owner || listed.contains(&member.slot);
            if knowledge == Knowledge::Sure && !shown && !work.has_pair(pair, inverse) {
                continue;
            }
            drop(there);
            cancelled.extend(work.remove_pair(pair, inverse, knowledge));
            if let Some(inverse) = inverse {
                self.store_at(*member).link(member.slot, inverse).remove(owner.slot, self.epoch());
            }
        }
        work.pairs.retain(|pair, _| !cancelled.contains(pair));
        link.remove_all(&members.iter().map(|member| member.slot).collect(), self.epoch());
    }

    /// The lists on both sides that were loaded in this transaction, each with the member that it shows if the pair is there.
    fn sides(&self, pair: Pair, inverse: Option<usize>) -> [Option<(Targets, u32)>; 2] {
        let Pair { owner, relation, target } = pair;
        let list = |object: ObjectRef, relation: usize| {
            let link = &self.store_at(object).links(object.slot)?[relation];
            link.targets().filter(|_| link.is_loaded_in(self.epoch()))
        };
        let there = inverse.and_then(|inverse| list(target, inverse));
        [list(owner, relation).map(|list| (list, target.slot)), there.map(|list| (list, owner.slot))]
    }

    fn knowledge(&self, pair: Pair, inverse: Option<usize>) -> Knowledge {
        let is_new = |object: ObjectRef| self.store_at(object).status(object.slot) == Status::Pending;
        let is_loaded = || self.sides(pair, inverse).iter().any(Option::is_some);
        if is_new(pair.owner) || is_new(pair.target) || is_loaded() { Knowledge::Sure } else { Knowledge::Unsure }
    }
}
