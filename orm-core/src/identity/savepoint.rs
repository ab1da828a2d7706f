//! Going back to a savepoint: what was made, filled or changed since goes, or is to be read again; the rest stays as it is.

use std::sync::atomic::Ordering;

use super::{IdentityMap, ObjectRef, Work};
use crate::{error::StateCause, state::Mark};

/// A moment that a session can go back to.
#[derive(Debug)]
pub(crate) struct SavepointMark {
    epoch: u64,
    /// How many objects there were of each entity: those that came later have higher numbers.
    counts: Vec<u32>,
}

impl IdentityMap {
    /// Marks this moment. Nothing is unflushed.
    pub(crate) fn mark(&mut self) -> SavepointMark {
        let epoch = self.epoch.fetch_add(1, Ordering::AcqRel) + 1;
        let counts = (0..self.stores.count()).map(|at| {
            let store = self.stores.get(at).and_then(std::sync::OnceLock::get);
            store.map_or(0, |store| store.len())
        });
        SavepointMark { epoch, counts: counts.collect() }
    }

    /// Goes back to a moment: as the database does at a rollback to a savepoint.
    pub(crate) fn roll_back_to(&mut self, mark: &SavepointMark) {
        let Work { touched, deleted, .. } = std::mem::take(self.work_mut());
        for object in deleted {
            self.store_at(object).clear_mark(object.slot, Mark::DeletePending);
        }
        for object in touched {
            self.store_at(object).note_altered(object.slot, mark.epoch);
        }
        for entity in 0..self.stores.count() {
            let count = mark.counts.get(entity).copied().unwrap_or(0);
            let known = self.stores.get(entity).is_some_and(|store| store.get().is_some());
            if known {
                let object = ObjectRef { entity: entity as u32, slot: 0 };
                self.store_mut(object.entity).roll_back_to(count, mark.epoch, StateCause::Rollback);
            }
        }
        self.scopes = elsa::sync::FrozenVec::new();
    }
}
