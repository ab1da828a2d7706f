//! What was flushed leaves the unit of work; what was added, written or taken back meanwhile stays for the next flush.

use super::Publish;
use crate::{
    collections::{HashMap, HashSet},
    identity::{ObjectRef, Pair, PairChange},
    state::{AnyStore, Mark, Status},
};

impl Publish<'_> {
    pub(super) fn take_from_work(&mut self, kept: &HashSet<ObjectRef>) {
        let taken = &self.plan.rows.taken;
        let map = self.map;
        let work = &mut *self.work;
        let is_flushed = |object: &ObjectRef| taken.pending.contains(object) && !kept.contains(object);
        work.pending.retain(|object| !is_flushed(object));
        work.pending_keys.retain(|_, object| !is_flushed(object));
        work.deleted.retain(|object| !taken.deleted.contains(object));
        work.touched
            .retain(|object| !taken.touched.contains(object) || is_unflushed(map.store_at(*object), object.slot));
        for (child, entries) in &taken.taken_away {
            entries.iter().for_each(|entry| {
                if work.taken_away.get(child).is_some_and(|known| known.contains(entry)) {
                    work.give_back(*child, entry.columns);
                }
            });
        }
        work.replaced.retain(|child, _| !taken.pending.contains(child) && !taken.touched.contains(child));
        work.one_to_one.retain(|place, newest| taken.one_to_one.get(place) != Some(newest));
        for (child, follows) in taken.follows.iter().filter(|(child, _)| !kept.contains(*child)) {
            let Some(known) = work.follows.get_mut(child) else { continue };
            known.retain(|follow| !follows.contains(follow));
            if known.is_empty() {
                work.follows.remove(child);
            } else {
                work.touched.insert(*child);
            }
        }
        for child in taken.follows.keys().chain(taken.taken_away.keys()) {
            if !work.follows.contains_key(child) && !work.taken_away.contains_key(child) {
                map.store_at(*child).clear_mark(child.slot, Mark::Relinked);
            }
        }
        self.take_pairs(kept);
        self.work.touched.extend(self.written.iter().copied());
        for object in std::mem::take(&mut self.orphaned) {
            self.map.store_at(object).set_mark(object.slot, Mark::DeletePending);
            self.work.deleted.insert(object);
        }
    }

    fn take_pairs(&mut self, kept: &HashSet<ObjectRef>) {
        let taken: HashMap<Pair, PairChange> = self.plan.rows.taken.pairs.iter().copied().collect();
        // A change that is in the list no more was taken back after it had been sent.
        let undone: Vec<(Pair, PairChange)> = self
            .plan
            .rows
            .taken
            .pairs
            .iter()
            .filter(|(pair, _)| !self.work.pairs.contains_key(pair))
            .copied()
            .collect();
        let is_kept = |pair: &Pair| kept.contains(&pair.owner) || kept.contains(&pair.target);
        self.work.pairs.retain(|pair, change| taken.get(pair) != Some(change) || is_kept(pair));
        for (pair, change) in undone {
            if !self.is_gone_or_dropped(pair.owner) && !self.is_gone_or_dropped(pair.target) {
                let opposite = if change == PairChange::Add { PairChange::Remove } else { PairChange::Add };
                self.work.pairs.insert(pair, opposite);
            }
        }
    }

    fn is_gone_or_dropped(&self, object: ObjectRef) -> bool {
        matches!(self.map.store_at(object).status(object.slot), Status::Deleted | Status::Discarded)
    }
}

/// Whether an object was written to again after the flush had read it.
fn is_unflushed(store: &dyn AnyStore, slot: u32) -> bool {
    match store.status(slot) {
        Status::Persistent => store.changes(slot).is_some(),
        Status::Expired => !store.draft_columns(slot).is_empty(),
        Status::Pending | Status::Deleted | Status::Discarded => false,
    }
}
