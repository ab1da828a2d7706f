//! Lists that were read, as the program sees them: the rows, merged with what is not flushed.
//!
//! Who was given to another parent or taken away leaves the list of the rows, who was given to this one comes to its end; so do pairs.
//! Members without a row come with the flush.

use super::{
    IdentityMap, ObjectRef, PairChange, Work,
    relate::{PairsOf, is_one_to_one},
    work::{Former, Newest},
};
use crate::{
    collections::{HashMap, HashSet},
    schema::{EntityDef, RelationDef, RelationKind},
    state::Status,
};

/// What is unflushed about one relationship of an entity.
pub(crate) struct Unflushed {
    def: &'static EntityDef,
    relation: usize,
    /// By owner, who came and who went, in that order.
    changes: HashMap<u32, Vec<(u32, PairChange)>>,
}

impl IdentityMap {
    /// What is unflushed about a relationship whose other side is read as rows; nothing where no list can differ from its rows.
    pub(crate) fn unflushed(&self, work: &Work, def: &'static EntityDef, relation: usize) -> Option<Unflushed> {
        let declared = &def.relations[relation];
        let mut unflushed = Unflushed { def, relation, changes: HashMap::new() };
        match declared.kind {
            RelationKind::BelongsTo => return None,
            RelationKind::ManyToMany => {
                if work.pairs.is_empty() {
                    return None;
                }
                self.changed_pairs(work, &mut unflushed);
            }
            RelationKind::HasMany | RelationKind::HasOne => {
                if work.touched.is_empty() && work.follows.is_empty() && work.taken_away.is_empty() {
                    return None;
                }
                self.moved_children(work, declared, &mut unflushed);
            }
        }
        Some(unflushed)
    }

    fn changed_pairs(&self, work: &Work, unflushed: &mut Unflushed) {
        let Some(pairs) = PairsOf::relation(unflushed.def, unflushed.relation) else { return };
        for (pair, change) in &work.pairs {
            if let Some((owner, member)) = pairs.ends(pair) {
                unflushed.changes.entry(owner.slot).or_default().push((member.slot, *change));
            }
        }
    }

    fn moved_children(&self, work: &Work, declared: &RelationDef, unflushed: &mut Unflushed) {
        let parents = unflushed.def;
        let entity = Self::object(parents, 0).entity;
        let target = Self::object((declared.target)(), 0).entity;
        let mut followers: Vec<&ObjectRef> =
            work.follows.keys().filter(|child| !work.touched.contains(*child)).collect();
        followers.sort_unstable();
        for child in work.touched.iter().chain(followers) {
            let store = self.store_at(*child);
            let is_child = child.entity == target
                && matches!(store.status(child.slot), Status::Persistent)
                && self.has_moved(work, *child, declared);
            if !is_child {
                continue;
            }
            if let Some(parent) = self.parent_of(work, *child, parents, declared).filter(|it| it.entity == entity) {
                unflushed.changes.entry(parent.slot).or_default().push((child.slot, PairChange::Add));
            }
        }
    }

    /// What the rows of a list say is known now: what they settle is no work of the flush any more. To be called once, when the list
    /// is shown, before [`Unflushed::see`].
    pub(crate) fn settle_list(
        &self,
        work: &mut Work,
        def: &'static EntityDef,
        relation: usize,
        owner: u32,
        found: &[u32],
    ) {
        let declared = &def.relations[relation];
        let owner = Self::object(def, owner);
        let target = (declared.target)();
        if declared.kind == RelationKind::ManyToMany && work.pairs.is_empty() {
            return;
        }
        if let Some(pairs) = PairsOf::relation(def, relation) {
            let found: HashSet<u32> = found.iter().copied().collect();
            work.pairs.retain(|pair, change| {
                let Some(member) = pairs.member_of(owner, pair) else { return true };
                // A pair that is there need not come, one that is not there need not go.
                found.contains(&member.slot) != (*change == PairChange::Add)
            });
        } else if is_one_to_one(def, relation)
            && let Some(&Newest { child, former: Former::Unknown }) = work.one_to_one.get(&(owner, relation))
        {
            let former = found.iter().map(|slot| Self::object(target, *slot)).filter(|member| *member != child);
            // Who did not move is the child of whom the rows say, however the key is spelled.
            let is_child = |member: &ObjectRef| {
                self.is_parent(work, owner, *member, declared) == Some(true) || self.is_as_read(work, *member, declared)
            };
            let former: Vec<ObjectRef> = former.filter(is_child).collect();
            let left = former.into_iter().all(|member| self.leave_one_to_one(work, owner, relation, member).is_ok());
            if left {
                work.one_to_one.insert((owner, relation), Newest { child, former: Former::Settled });
            }
        }
    }
}

impl Unflushed {
    /// The members that a list shows for these rows.
    pub(crate) fn see(&self, map: &IdentityMap, work: &Work, owner: u32, found: &[u32]) -> Vec<u32> {
        let declared = &self.def.relations[self.relation];
        let target = (declared.target)();
        let targets = map.store_of(target);
        let object = |slot: u32| IdentityMap::object(target, slot);
        let changes = self.changes.get(&owner).map_or(&[][..], Vec::as_slice);
        let mut members = found.to_vec();
        let owner = IdentityMap::object(self.def, owner);
        if declared.kind == RelationKind::ManyToMany {
            members.retain(|member| !changes.contains(&(*member, PairChange::Remove)));
        } else {
            members.retain(|member| {
                !map.has_moved(work, object(*member), declared)
                    || map.is_parent(work, owner, object(*member), declared) != Some(false)
            });
        }
        let known: HashSet<u32> = members.iter().copied().collect();
        let is_new = |(member, change): &&(u32, PairChange)| {
            *change == PairChange::Add && !known.contains(member) && targets.status(*member) == Status::Persistent
        };
        members.extend(changes.iter().filter(is_new).map(|(member, _)| *member));
        if is_one_to_one(self.def, self.relation)
            && let Some(newest) = work.one_to_one.get(&(owner, self.relation))
            && (newest.former == Former::Unknown || map.is_parent(work, owner, newest.child, declared) == Some(true))
        {
            members.retain(|member| *member == newest.child.slot);
        }
        members
    }
}
