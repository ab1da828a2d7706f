//! Owned values that a session or a query hands out: what they hold is in their type, and they belong to nobody.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::{Persistent, Src};
use crate::{
    entity::{Entity, EntityChanges, KeyType, without_key},
    error::{Error, ErrorKind, Result},
    identity::ObjectRef,
    load::{Load, Narrow},
    schema::RelationKind,
    state::Slot,
    value::{ColumnType, Value},
};

/// What a detached value stores can be cloned, printed, sent, kept and (feature `serde`) serialised.
#[cfg(feature = "serde")]
pub trait Portable: Clone + fmt::Debug + serde::Serialize + Send + Sync + 'static {}

#[cfg(feature = "serde")]
#[diagnostic::do_not_recommend]
impl<T: Clone + fmt::Debug + serde::Serialize + Send + Sync + 'static> Portable for T {}

/// What a detached value stores can be cloned, printed, sent, kept and (feature `serde`) serialised.
#[cfg(not(feature = "serde"))]
pub trait Portable: Clone + fmt::Debug + Send + Sync + 'static {}

#[cfg(not(feature = "serde"))]
#[diagnostic::do_not_recommend]
impl<T: Clone + fmt::Debug + Send + Sync + 'static> Portable for T {}

/// An object outside of any session: SQLAlchemy's *detached* state, without the error. Owned, `'static`, and `L` says which
/// relationships and deferred columns it holds; what it does not hold does not compile, and is absent from its JSON.
///
/// Cloning shares the row and the related values. Setters change this value only, and so do `add_to_posts(..)?`, `remove_from_posts(..)?`,
/// `clear_posts()?` and `posts_mut()` of a list that it holds; `session.merge` writes what was changed since it was detached, and that
/// alone. A list is changed by members: what others added to it meanwhile stays.
pub struct Detached<E: Entity, L: Load<E> = <E as Entity>::Bare> {
    owned: L::Owned,
}

impl<E: Entity, L: Load<E>> Detached<E, L> {
    #[doc(hidden)]
    pub fn from_owned(owned: L::Owned) -> Self {
        Self { owned }
    }

    #[doc(hidden)]
    pub fn into_owned(self) -> L::Owned {
        self.owned
    }

    pub(crate) fn owned(this: &Self) -> &L::Owned {
        &this.owned
    }

    /// Sets the columns that are among changes: a form that is filled in offline. `session.merge` writes them.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")]
    /// # pub struct User { #[orm(primary_key)] id: i64, name: String, nick: Option<String> }
    /// # async fn fill_in(user: &mut Detached<User>, session: &Session) -> Result<(), Error> {
    /// Detached::apply(user, User::changes().nick(None))?;
    /// session.merge(&*user).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::State`] where the changes are of another key, or give another target to a to-one that this value holds: nothing
    /// changed then.
    pub fn apply(this: &mut Self, changes: impl EntityChanges<E>) -> Result<()> {
        let row = L::row(&this.owned).row();
        let values = without_key(E::DEF, changes.into_set().into_values(), Some(&row.key().to_values()))
            .map_err(|error| error.with_verb("apply"))?;
        let held = L::shape();
        let contradicts = |(column, value): &(usize, Value)| {
            let relation =
                held.relations.iter().chain(&held.members).map(|(at, _)| &E::DEF.relations[*at]).find(|at| {
                    at.kind == RelationKind::BelongsTo && at.foreign_key.contains(&E::DEF.columns[*column].field)
                })?;
            (row.value(*column).as_ref() != Some(value)).then_some(relation.name)
        };
        if let Some(relation) = values.iter().find_map(contradicts) {
            return Err(Error::new(
                ErrorKind::State,
                "this value holds the target that it has now: forget it first, `Detached::narrow(value)`; nothing was changed",
            )
            .with_entity(E::DEF.name)
            .with_key(format!("{:?}", row.key()))
            .with_attribute(relation)
            .with_verb("apply"));
        }
        L::row_mut(&mut this.owned).write(&values)
    }

    /// The same value, known to hold less.
    #[must_use]
    pub fn narrow<M: Load<E>>(this: Self) -> Detached<E, M>
    where
        L: Narrow<E, M>,
    {
        Detached { owned: <L as Narrow<E, M>>::narrow(this.owned) }
    }
}

impl<E: Entity, L: Load<E>> Deref for Detached<E, L> {
    type Target = L::Owned;

    fn deref(&self) -> &Self::Target {
        &self.owned
    }
}

impl<E: Entity, L: Load<E>> DerefMut for Detached<E, L> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.owned
    }
}

impl<E: Entity, L: Load<E>> Clone for Detached<E, L> {
    fn clone(&self) -> Self {
        Self { owned: self.owned.clone() }
    }
}

impl<E: Entity, L: Load<E>> fmt::Debug for Detached<E, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.owned.fmt(f)
    }
}

#[cfg(feature = "serde")]
impl<E: Entity, L: Load<E>> serde::Serialize for Detached<E, L> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.owned.serialize(serializer)
    }
}

/// The row of a detached value: shared until it is written to, and which columns were.
pub struct OwnedRow<E> {
    row: Arc<E>,
    written: Vec<u16>,
}

impl<E: Entity> OwnedRow<E> {
    #[doc(hidden)]
    #[must_use]
    pub fn new(row: Arc<E>) -> Self {
        Self { row, written: Vec::new() }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn of(src: Src<'_, E>) -> Self {
        match src.slot.current() {
            Some(row) => Self { row: Arc::clone(row), written: written_in(src.slot) },
            None => unreachable!("orm bug: a live handle of {} without a row", E::DEF.name),
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn row(&self) -> &E {
        &self.row
    }

    pub(crate) fn share(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::clone(&self.row) as _
    }

    /// Sets columns, and remembers that they were set.
    pub(crate) fn write(&mut self, values: &[(usize, Value)]) -> Result<()> {
        let mut row = self.row.duplicate();
        for (column, value) in values {
            row.set_value(*column, value).map_err(|error| {
                Error::new(ErrorKind::Value, error.reason())
                    .with_entity(E::DEF.name)
                    .with_attribute(E::DEF.columns[*column].field)
            })?;
        }
        self.row = Arc::new(row);
        for (column, _) in values {
            self.note(*column as u16);
        }
        Ok(())
    }

    fn note(&mut self, column: u16) {
        if !self.written.contains(&column) {
            self.written.push(column);
        }
    }

    /// Sets a column, and remembers that it was set.
    #[doc(hidden)]
    pub fn set<T: ColumnType>(&mut self, column: u16, value: T, field: fn(&mut E) -> &mut T) {
        self.note(column);
        match Arc::get_mut(&mut self.row) {
            Some(row) => *field(row) = value,
            None => {
                let mut row = self.row.duplicate();
                *field(&mut row) = value;
                self.row = Arc::new(row);
            }
        }
    }

    /// The columns that were set since the value was made.
    #[doc(hidden)]
    #[must_use]
    pub fn written(&self) -> &[u16] {
        &self.written
    }
}

/// Changes that no flush has written: whoever merges the value writes them.
fn written_in<E: Entity>(slot: &Slot<E>) -> Vec<u16> {
    match (slot.current(), slot.base()) {
        (Some(current), Some(base)) if !Arc::ptr_eq(current, base) => (0..E::DEF.columns.len())
            .filter(|column| !current.same(base, *column))
            .map(|column| column as u16)
            .collect(),
        _ => Vec::new(),
    }
}

impl<E> Clone for OwnedRow<E> {
    fn clone(&self) -> Self {
        Self { row: Arc::clone(&self.row), written: self.written.clone() }
    }
}

/// Copies a graph out of a session. An object that is reached twice is made once and shared.
#[derive(Default)]
pub struct Detacher {
    made: HashMap<(usize, usize, TypeId), Box<dyn Any>>,
    unflushed: Option<(&'static str, String)>,
    /// Objects whose changes do not show in their own columns. Found with the first object.
    links: Option<crate::collections::HashSet<ObjectRef>>,
}

impl Detacher {
    /// The first object that has changes which no flush has written.
    pub(crate) fn unflushed(self) -> Option<(&'static str, String)> {
        self.unflushed
    }

    /// The detached form of a handle.
    pub fn detach<E: Entity, L: Load<E>>(&mut self, object: Persistent<'_, E, L>) -> Detached<E, L> {
        let src = object.src();
        let links = self.links.get_or_insert_with(|| src.map.with_unflushed_links());
        if self.unflushed.is_none() && (src.slot.is_modified() || links.contains(&src.object())) {
            self.unflushed = Some((E::DEF.name, format!("{:?}", object.key_value())));
        }
        if E::DEF.relations.is_empty() {
            return Detached { owned: L::detach(src, self) };
        }
        let scope = src.scope.map_or(0, |scope| std::ptr::from_ref(scope) as usize);
        let identity = (std::ptr::from_ref(src.slot) as usize, scope, TypeId::of::<L>());
        if let Some(made) = self.made.get(&identity).and_then(|made| made.downcast_ref::<Detached<E, L>>()) {
            return made.clone();
        }
        let owned = L::detach(src, self);
        let detached = Detached::<E, L> { owned };
        self.made.insert(identity, Box::new(detached.clone()));
        detached
    }
}

impl fmt::Debug for Detacher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Detacher of {} objects", self.made.len())
    }
}
