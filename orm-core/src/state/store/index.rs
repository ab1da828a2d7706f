//! The index of a store: which object has a key.

use std::{
    hash::{BuildHasher, Hash},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};

use super::Store;
use crate::{
    entity::Entity,
    state::{Mark, Slot},
};

/// Places of objects by the hash of their key. The keys themselves are in the slots.
#[derive(Default)]
pub(super) struct Index {
    places: Mutex<HashTable<Place>>,
    hasher: DefaultHashBuilder,
}

/// Where an object is. The hash stays with it: a table that grows looks at no slot.
#[derive(Clone, Copy, Debug)]
struct Place {
    hash: u32,
    at: u32,
}

impl Place {
    fn hash(&self) -> u64 {
        spread(self.hash)
    }
}

/// A hash of 64 bits again: the table takes one end of it for the place, the other for a tag.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Index {
    fn hash_of(&self, key: &impl Hash) -> u32 {
        (self.hasher.hash_one(key) >> 32) as u32
    }

    fn lock(&self) -> MutexGuard<'_, HashTable<Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The object that a key leads to.
pub(super) enum Entered {
    /// Made just now.
    New(u32),
    /// There already.
    Known(u32),
}

impl<E: Entity> Store<E> {
    pub(crate) fn find_key(&self, key: &E::Key) -> Option<&Slot<E>> {
        let hash = self.index.hash_of(key);
        let place = *self.index.lock().find(spread(hash), |place| self.is_at(place, hash, key))?;
        Some(self.slot(place.at))
    }

    /// The object with this key; where there is none, a new one with what `row` gives. One hash and one lock.
    pub(super) fn find_or_enter<F>(
        &self,
        key: E::Key,
        epoch: u64,
        row: impl FnOnce() -> Result<Option<Arc<E>>, F>,
    ) -> Result<Entered, F> {
        let hash = self.index.hash_of(&key);
        let mut places = self.index.lock();
        match places.entry(spread(hash), |place| self.is_at(place, hash, &key), Place::hash) {
            Entry::Occupied(known) => Ok(Entered::Known(known.get().at)),
            Entry::Vacant(vacant) => {
                let row = row()?;
                let at = self.push(|at| Slot::keyed(at, key, row, epoch));
                vacant.insert(Place { hash, at });
                Ok(Entered::New(at))
            }
        }
    }

    /// An object has a key now.
    pub(super) fn register(&self, slot: &Slot<E>, key: E::Key) {
        let place = Place { hash: self.index.hash_of(&key), at: slot.index() };
        slot.set_key(key);
        self.index.lock().insert_unique(place.hash(), place, Place::hash);
    }

    /// The key of an object leads nowhere any more.
    pub(in crate::state) fn unregister(&self, slot: &Slot<E>) {
        if let Some(key) = slot.key() {
            let hash = self.index.hash_of(key);
            if let Ok(entry) = self.index.lock().find_entry(spread(hash), |place| place.at == slot.index()) {
                entry.remove();
            }
        }
    }

    /// A deleted object that a rollback brought back is found by its key again.
    pub(in crate::state) fn register_again(&self, at: u32) {
        let Some(key) = self.slot(at).key() else { return };
        let hash = self.index.hash_of(key);
        let mut places = self.index.lock();
        if let Entry::Vacant(vacant) = places.entry(spread(hash), |place| self.is_at(place, hash, key), Place::hash) {
            vacant.insert(Place { hash, at });
        }
    }

    /// Whether this transaction deleted an object with this key.
    pub(crate) fn deleted_with_key(&self, key: &E::Key) -> bool {
        self.slots.iter().any(|(_, slot)| slot.is(Mark::Deleted) && slot.key() == Some(key))
    }

    fn is_at(&self, place: &Place, hash: u32, key: &E::Key) -> bool {
        place.hash == hash && self.slot(place.at).key() == Some(key)
    }
}
