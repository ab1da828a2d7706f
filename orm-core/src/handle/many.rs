//! The members of a loaded to-many.

use std::{fmt, sync::Arc};

use super::{
    Persistent,
    src::{Proof, Src},
};
use crate::{
    entity::Entity,
    identity::{IdentityMap, Scope},
};

/// The members of a loaded to-many, in the order they were loaded. A snapshot: adding to the relationship while iterating does
/// not disturb the iteration; the next call of the getter shows it.
pub struct Many<'s, E: Entity, L = <E as Entity>::Bare> {
    map: &'s IdentityMap,
    slots: Arc<Vec<u32>>,
    scope: Option<&'s Scope>,
    proof: Proof<(E, L)>,
}

impl<'s, E: Entity, L: 'static> Many<'s, E, L> {
    pub(crate) fn new(map: &'s IdentityMap, slots: Arc<Vec<u32>>, scope: Option<&'s Scope>) -> Self {
        Self { map, slots, scope, proof: Proof::default() }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The member at this position.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<Persistent<'s, E, L>> {
        Some(Persistent::new(Src::new(self.map, *self.slots.get(position)?, self.scope)))
    }

    /// The first member.
    #[must_use]
    pub fn first(&self) -> Option<Persistent<'s, E, L>> {
        self.get(0)
    }

    /// The last member.
    #[must_use]
    pub fn last(&self) -> Option<Persistent<'s, E, L>> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Whether an object is a member.
    #[must_use]
    pub fn contains<M: 'static>(&self, object: &Persistent<'_, E, M>) -> bool {
        self.iter().any(|member| member == *object)
    }

    /// The members, one by one.
    #[must_use]
    pub fn iter(&self) -> Iter<'s, E, L> {
        Iter { many: self.clone(), next: 0 }
    }
}

impl<E: Entity, L> Clone for Many<'_, E, L> {
    fn clone(&self) -> Self {
        Self { map: self.map, slots: Arc::clone(&self.slots), scope: self.scope, proof: Proof::default() }
    }
}

impl<E: Entity, L: 'static> fmt::Debug for Many<'_, E, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Iterates over a [`Many`].
pub struct Iter<'s, E: Entity, L> {
    many: Many<'s, E, L>,
    next: usize,
}

impl<'s, E: Entity, L: 'static> Iterator for Iter<'s, E, L> {
    type Item = Persistent<'s, E, L>;

    fn next(&mut self) -> Option<Self::Item> {
        let member = self.many.get(self.next)?;
        self.next += 1;
        Some(member)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.many.len() - self.next;
        (left, Some(left))
    }
}

impl<E: Entity, L: 'static> ExactSizeIterator for Iter<'_, E, L> {}

impl<E: Entity, L> fmt::Debug for Iter<'_, E, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iter over {} of {}", self.many.slots.len() - self.next, E::DEF.name)
    }
}

impl<'s, E: Entity, L: 'static> IntoIterator for Many<'s, E, L> {
    type Item = Persistent<'s, E, L>;
    type IntoIter = Iter<'s, E, L>;

    fn into_iter(self) -> Self::IntoIter {
        Iter { many: self, next: 0 }
    }
}

impl<'s, E: Entity, L: 'static> IntoIterator for &Many<'s, E, L> {
    type Item = Persistent<'s, E, L>;
    type IntoIter = Iter<'s, E, L>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
