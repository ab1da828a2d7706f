//! The objects of one entity at a rollback to a savepoint.

use super::{AnyStore, Extra, Mark, Slot, Store};
use crate::{entity::Entity, error::StateCause};

impl<E: Entity> Slot<E> {
    /// Something about it changed at this moment, beside its row being read.
    pub(super) fn alter(&self, epoch: u64) {
        self.extra().alter(epoch);
    }

    fn changed_since(&self, epoch: u64) -> bool {
        self.epoch() >= epoch || self.extra_if_any().is_some_and(|extra| extra.altered() >= epoch)
    }
}

impl<E: Entity> Store<E> {
    /// Goes back to the moment `epoch`, when there were so many objects.
    pub(super) fn back_to(&mut self, count: u32, epoch: u64, cause: StateCause) {
        // First what is new goes: it may have the key of what was deleted and comes back.
        for at in count..self.len() {
            let slot = self.slot(at);
            if slot.is(Mark::New) && !slot.is(Mark::Deleted) {
                self.unregister(slot);
            }
        }
        for at in 0..self.len() {
            let slot = self.slot(at);
            // The rollback gave back the locks that were taken since; which they are, nobody noted.
            slot.unmark(Mark::Locked);
            let (came_later, changed) = (at >= count, slot.changed_since(epoch));
            if slot.key().is_none() || (came_later && slot.is(Mark::New)) {
                self.slot_mut(at, Slot::clear);
            } else if came_later || changed {
                // Deleted since: it is there again.
                let deleted = slot.is(Mark::Deleted) && changed;
                if deleted {
                    slot.unmark(Mark::Deleted);
                }
                self.slot_mut(at, |slot| slot.forget(cause));
                if deleted {
                    self.register_again(at);
                }
            } else {
                self.slot_mut(at, |slot| {
                    for link in slot.extra_mut().and_then(Extra::links_mut).into_iter().flatten() {
                        if link.changed_since(epoch) {
                            link.unload();
                        }
                    }
                });
            }
        }
    }
}
