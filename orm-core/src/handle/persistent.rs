//! An object with a row, for as long as its session is borrowed.

use std::{fmt, hash::Hash, ops::Deref};

use super::src::{Proof, Src};
use crate::entity::Entity;

/// An object that has a row in the database and belongs to a session: SQLAlchemy's *persistent* state.
///
/// It borrows the session, so that whatever takes its state away (`commit`, `rollback`, `expire`, `close`) does not compile
/// while it is used afterwards. `L` says which relationships and deferred columns it holds; the columns are always there.
/// Equal to any handle of the same object, whatever is loaded.
pub struct Persistent<'s, E: Entity, L = <E as Entity>::Bare> {
    src: Src<'s, E>,
    proof: Proof<L>,
}

impl<'s, E: Entity, L: 'static> Persistent<'s, E, L> {
    /// The caller has made sure that `L` holds and is promised.
    pub(crate) fn new(src: Src<'s, E>) -> Self {
        Self { src, proof: Proof::default() }
    }

    pub(crate) fn src(&self) -> Src<'s, E> {
        self.src
    }

    pub(crate) fn key_value(&self) -> E::Key {
        match self.src.slot.key() {
            Some(key) => key.clone(),
            None => unreachable!("orm bug: a persistent {} without a key", E::DEF.name),
        }
    }
}

impl<'s, E: Entity, L: 'static> Deref for Persistent<'s, E, L> {
    type Target = E::View<'s, L>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        E::view(&self.src)
    }
}

impl<E: Entity, L> Clone for Persistent<'_, E, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Entity, L> Copy for Persistent<'_, E, L> {}

impl<E: Entity, L, M> PartialEq<Persistent<'_, E, M>> for Persistent<'_, E, L> {
    fn eq(&self, other: &Persistent<'_, E, M>) -> bool {
        std::ptr::eq(self.src.slot, other.src.slot)
    }
}

impl<E: Entity, L> Eq for Persistent<'_, E, L> {}

impl<E: Entity, L> Hash for Persistent<'_, E, L> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.src.slot).hash(state);
    }
}

impl<E: Entity, L> fmt::Debug for Persistent<'_, E, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct(E::DEF.name);
        self.src.row().debug(&mut fields);
        fields.finish()
    }
}
