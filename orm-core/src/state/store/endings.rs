//! What the end of a transaction does to all objects.

use std::{mem, sync::PoisonError};

use super::Store;
use crate::{
    entity::Entity,
    state::{Event, Mark},
};

impl<E: Entity> Store<E> {
    /// The objects that have more than their key.
    fn awake(&mut self) -> impl Iterator<Item = usize> + use<E> {
        let woken = mem::take(self.woken.get_mut().unwrap_or_else(PoisonError::into_inner));
        woken.into_iter().map(|at| at as usize).chain(self.asleep as usize..self.slots.count())
    }

    /// All objects have nothing but their key.
    fn fall_asleep(&mut self) {
        self.asleep = self.slots.count() as u32;
    }

    pub(super) fn expire_each(&mut self) {
        for at in self.awake() {
            self.expect(at as u32, Event::Commit);
            if let Some(slot) = self.slots.get_mut(at) {
                if slot.is(Mark::Deleted) || slot.key().is_none() {
                    slot.clear()
                } else {
                    slot.expire()
                }
                slot.fall_asleep();
            }
        }
        self.fall_asleep();
    }

    pub(super) fn roll_each_back(&mut self) {
        let awake: Vec<usize> = self.awake().collect();
        // First what is new goes: it may have the key of what was deleted and comes back.
        for at in &awake {
            let slot = self.slot(*at as u32);
            if slot.is(Mark::New) && !slot.is(Mark::Deleted) {
                self.unregister(slot);
            }
        }
        for at in awake {
            self.expect(at as u32, Event::Rollback);
            let slot = self.slot(at as u32);
            let (new, deleted, keyed) = (slot.is(Mark::New), slot.is(Mark::Deleted), slot.key().is_some());
            let Some(slot) = self.slots.get_mut(at) else { continue };
            slot.fall_asleep();
            if new || !keyed || slot.is(Mark::Gone) {
                slot.clear();
                continue;
            }
            slot.expire();
            if deleted {
                self.register_again(at as u32);
            }
        }
        self.fall_asleep();
    }

    pub(super) fn revert_each(&mut self) {
        for at in 0..self.slots.count() {
            if let Some(slot) = self.slots.get_mut(at) {
                if slot.is(Mark::Deleted) || slot.key().is_none() { slot.clear() } else { slot.revert() }
            }
        }
    }

    pub(super) fn settle_each(&mut self) {
        for at in 0..self.slots.count() {
            if let Some(slot) = self.slots.get_mut(at) {
                if slot.is(Mark::Deleted) || slot.key().is_none() { slot.clear() } else { slot.settle() }
            }
        }
    }

    pub(super) fn unmark_each(&self) {
        for (_, slot) in self.slots.iter() {
            slot.unmark(Mark::New);
            slot.unmark(Mark::Locked);
            if slot.is(Mark::Deleted) {
                slot.mark(Mark::Gone);
            }
        }
    }
}
