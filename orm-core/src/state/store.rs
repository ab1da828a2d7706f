//! All objects of one entity in one session: an arena of slots and the index that finds them by key.

mod any;
mod columns;
mod endings;
mod incoming;
mod index;
mod rows;

use std::sync::{Arc, Mutex, PoisonError};

use self::index::Index;
pub(super) use self::rows::version_column;
use super::{AnyStore as _, Event, Life, Slot};
use crate::entity::Entity;

/// All objects of one entity in one session.
pub(crate) struct Store<E: Entity> {
    slots: boxcar::Vec<Slot<E>>,
    index: Index,
    /// Objects before this one have nothing but their key, except those that woke up since.
    asleep: u32,
    woken: Mutex<Vec<u32>>,
    /// Where the key's columns are among the columns that a row brings.
    key_cell: usize,
}

impl<E: Entity> Store<E> {
    pub(crate) fn new() -> Self {
        let first_key = E::DEF.primary_key[0];
        Self {
            slots: boxcar::Vec::new(),
            index: Index::default(),
            asleep: 0,
            woken: Mutex::default(),
            key_cell: E::DEF.columns[..first_key].iter().filter(|column| !column.deferred).count(),
        }
    }

    pub(crate) fn slot(&self, index: u32) -> &Slot<E> {
        match self.slots.get(index as usize) {
            Some(slot) => slot,
            None => unreachable!("orm bug: no object {index} of {}", E::DEF.name),
        }
    }

    /// A new object with this draft.
    pub(crate) fn add_pending(&self, draft: Box<E::Draft>) -> &Slot<E> {
        let slot = self.slot(self.push(Slot::pending));
        debug_assert_eq!(Life::Transient.after(Event::Add), Some(Life::Pending));
        slot.extra().push_draft(draft);
        slot
    }

    /// What is about to happen to an object is in the table of states.
    pub(super) fn expect(&self, slot: u32, event: Event) {
        let life = self.status(slot).life();
        // What was taken out again has no part in anything.
        debug_assert!(
            life == Life::Transient || life.after(event).is_some(),
            "orm bug: {event:?} of a {} {}",
            life.name(),
            E::DEF.name
        );
    }

    /// Changes the row of a persistent object: `change` says whether anything is different.
    pub(crate) fn change(&self, slot: &Slot<E>, change: impl FnOnce(&mut E) -> bool) -> bool {
        let Some(current) = slot.current() else { return false };
        let mut row = current.duplicate();
        let changed = change(&mut row);
        if changed {
            slot.write(Arc::new(row));
        }
        changed
    }

    /// Changes the draft of a pending object.
    pub(crate) fn change_draft(&self, slot: &Slot<E>, change: impl FnOnce(&mut E::Draft)) {
        let mut draft = slot.extra().draft().cloned().unwrap_or_default();
        change(&mut draft);
        slot.extra().push_draft(Box::new(draft));
    }

    /// Something comes to be known of an object, or happens to it: the end of the transaction has to look at it. A session that has seen many
    /// objects pays at a commit for those of this transaction only.
    pub(super) fn wake(&self, slot: &Slot<E>) {
        if slot.index() < self.asleep && slot.wake() {
            self.woken.lock().unwrap_or_else(PoisonError::into_inner).push(slot.index());
        }
    }

    pub(super) fn slot_mut<R>(&mut self, at: u32, act: impl FnOnce(&mut Slot<E>) -> R) -> R {
        self.wake(self.slot(at));
        match self.slots.get_mut(at as usize) {
            Some(slot) => act(slot),
            None => unreachable!("orm bug: no object {at} of {}", E::DEF.name),
        }
    }

    /// Appends an object, made with its place; gives the place.
    fn push(&self, make: impl FnOnce(u32) -> Slot<E>) -> u32 {
        let place = |at| u32::try_from(at).expect("a session holds at most 2^32 objects");
        place(self.slots.push_with(|at| make(place(at))))
    }
}
