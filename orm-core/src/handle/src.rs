//! Where a handle points: one object of one session. Generated getters and setters are one call into this.

use std::marker::PhantomData;

use super::{IntoMember, Many, Persistent};
use crate::{
    entity::{Deferred, Entity},
    error::{Result, StateCause, StateError},
    identity::{IdentityMap, ObjectRef, Scope, Token},
    state::{AnyStore, Slot, Targets},
    value::ColumnType,
};

/// One object, its session, and the filtered lists of the query that found it.
pub struct Src<'s, E: Entity> {
    pub(crate) map: &'s IdentityMap,
    pub(crate) slot: &'s Slot<E>,
    pub(crate) scope: Option<&'s Scope>,
}

impl<E: Entity> Clone for Src<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Entity> Copy for Src<'_, E> {}

impl<'s, E: Entity> Src<'s, E> {
    pub(crate) fn new(map: &'s IdentityMap, slot: u32, scope: Option<&'s Scope>) -> Self {
        Self { map, slot: map.store::<E>().slot(slot), scope }
    }

    pub(crate) fn object(self) -> ObjectRef {
        IdentityMap::object(E::DEF, self.slot.index())
    }

    pub(crate) fn token(self) -> Token {
        Token { map: self.map.id(), object: self.object() }
    }

    /// The row as it is now.
    #[inline]
    #[must_use]
    pub fn row(self) -> &'s E {
        match self.slot.current() {
            Some(row) => row,
            None => unreachable!("orm bug: a live handle of {} without a row", E::DEF.name),
        }
    }

    /// A column of an object that may be pending still.
    #[must_use]
    pub fn pending<T>(self, row: fn(&E) -> &T, draft: fn(&E::Draft) -> Option<&T>) -> &'s T {
        if let Some(current) = self.slot.current() {
            return row(current);
        }
        match self.slot.extra_if_any().and_then(|extra| extra.draft()).and_then(draft) {
            Some(value) => value,
            None => unreachable!("orm bug: a required column of a pending {} is not set", E::DEF.name),
        }
    }

    /// Sets a column of a persistent object: a new version of its row, unless the value is the same.
    pub fn set<T: ColumnType>(self, value: T, field: fn(&mut E) -> &mut T) {
        let mut work = self.map.work();
        let changed = self.map.store::<E>().change(self.slot, |row| {
            let cell = field(row);
            let differs = !cell.same(&value);
            *cell = value;
            differs
        });
        if changed {
            work.touched.insert(self.object());
        }
    }

    /// Sets a column of an object that may be pending still.
    pub fn set_pending<T: ColumnType>(
        self,
        value: T,
        row: fn(&mut E) -> &mut T,
        draft: fn(&mut E::Draft) -> &mut Option<T>,
    ) {
        if self.slot.has_row() {
            return self.set(value, row);
        }
        let _work = self.map.work();
        self.map.store::<E>().change_draft(self.slot, |columns| *draft(columns) = Some(value));
    }

    /// Sets a deferred column of a persistent object.
    pub fn set_deferred<T: ColumnType>(self, value: T, field: fn(&mut E) -> &mut Deferred<T>) {
        let mut work = self.map.work();
        let changed = self.map.store::<E>().change(self.slot, |row| {
            let cell = field(row);
            let differs = cell.get().is_none_or(|known| !known.same(&value));
            *cell = Deferred::loaded(value);
            differs
        });
        if changed {
            work.touched.insert(self.object());
        }
    }

    /// Whether a relationship is loaded, whatever the handle's type says.
    #[must_use]
    pub fn is_loaded(self, relation: usize) -> bool {
        self.targets(relation).is_some()
    }

    fn targets(self, relation: usize) -> Option<Targets> {
        self.slot.extra_if_any()?.links_if_any()?[relation].targets()
    }

    fn expect_targets(self, relation: usize) -> Targets {
        match self.targets(relation) {
            Some(targets) => targets,
            None => unreachable!(
                "orm bug: `{}.{}` is promised and not loaded",
                E::DEF.name,
                E::DEF.relations[relation].name
            ),
        }
    }

    fn below(self, relation: usize) -> Option<&'s Scope> {
        self.scope?.below(relation)
    }

    /// The members of a loaded to-many.
    #[must_use]
    pub fn many<T: Entity, N: 'static>(self, relation: usize) -> Many<'s, T, N> {
        match self.expect_targets(relation) {
            Targets::Many(list) => Many::new(self.map, list, self.below(relation)),
            Targets::One(_) => unreachable!("orm bug: `{}` is not to many", E::DEF.relations[relation].name),
        }
    }

    /// The target of a loaded to-one.
    #[must_use]
    pub fn one<T: Entity, N: 'static>(self, relation: usize) -> Option<Persistent<'s, T, N>> {
        let target = self.expect_targets(relation).as_slice().first().copied()?;
        Some(Persistent::new(Src::new(self.map, target, self.below(relation))))
    }

    /// The members that a filtered or limited hint of this handle's query found: none of an object that came to its list later.
    #[must_use]
    pub fn subset<T: Entity, N: 'static>(self, relation: usize) -> Many<'s, T, N> {
        let found = self.scope.and_then(|scope| scope.list(relation, self.slot.index()));
        Many::new(self.map, found.cloned().unwrap_or_default(), self.below(relation))
    }

    /// Why a relationship cannot be read, when it is not loaded, or a member of it must be read again.
    ///
    /// # Errors
    /// When it is not loaded, or a member is expired.
    pub fn check_loaded(self, relation: usize) -> Result<(), StateError> {
        if let Some(targets) = self.targets(relation) {
            return self.map.check_members((E::DEF.relations[relation].target)(), targets.as_slice());
        }
        Err(StateError::NotLoaded {
            entity: E::DEF.name,
            key: self.map.store::<E>().print_key(self.slot.index()),
            attribute: Some(E::DEF.relations[relation].name),
            cause: StateCause::NeverLoaded,
        })
    }

    /// Sets a to-one, or adds to a to-many.
    ///
    /// # Errors
    /// When the member belongs to another session, or the write would break a promise.
    pub fn link<T: Entity>(self, relation: usize, member: impl IntoMember<T>) -> Result<()> {
        self.map.connect_member(E::DEF, self.object(), relation, member.into_member().into_any())
    }

    /// Adds members to a to-many: all of them, or none.
    ///
    /// # Errors
    /// When a member belongs to another session, or the write would break a promise: nothing changed then.
    pub fn extend<T: Entity>(
        self,
        relation: usize,
        members: impl IntoIterator<Item = impl IntoMember<T>>,
    ) -> Result<()> {
        let members = members.into_iter().map(|member| member.into_member().into_any()).collect();
        self.map.extend(self.object(), relation, members)
    }

    /// Makes these the members of a loaded to-many.
    ///
    /// # Errors
    /// When a member belongs to another session, one that is taken away would be left without a required parent, or the write would
    /// break a promise: nothing changed then.
    pub fn replace<T: Entity>(
        self,
        relation: usize,
        members: impl IntoIterator<Item = impl IntoMember<T>>,
    ) -> Result<()> {
        let members = members.into_iter().map(|member| member.into_member().into_any()).collect();
        self.map.replace(self.object(), relation, members)
    }

    /// Takes away whatever a relationship has: clears a to-one, empties a loaded to-many.
    ///
    /// # Errors
    /// When a member would be left without a required parent; when a to-many is not loaded, so that its members are not known.
    pub fn clear(self, relation: usize) -> Result<()> {
        self.map.clear_relation(self.object(), relation)
    }

    /// Takes an object out of a to-many, or clears a to-one. Nothing happens where it is not its member.
    ///
    /// # Errors
    /// When the object belongs to another session, or would be left without a required parent.
    pub fn unlink<T: Entity, L: 'static>(self, relation: usize, member: &Persistent<'_, T, L>) -> Result<()> {
        let target = self.map.resolve(member.src().token())?;
        self.map.disconnect(self.object(), relation, target)
    }
}

/// What a handle's type says is loaded, and nothing else.
pub(crate) type Proof<L> = PhantomData<fn() -> L>;
