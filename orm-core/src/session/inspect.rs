//! `inspect`, `inspect_key`, `new`, `dirty`, `deleted`, `is_modified`: what the session knows of its objects.

use std::{fmt, marker::PhantomData};

use super::Session;
use crate::{
    entity::{Entity, IntoKey, KeyType},
    error::{Result, StateCause},
    expr::Column,
    handle::{Pending, Persistent, Src},
    identity::{IdentityMap, ObjectRef},
    state::{AnyStore, Life, Status},
    value::{ColumnType, Value},
};

/// Where an object is in its life. Transient and detached objects are in no session, and are types of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectState {
    /// Added, and not flushed.
    Pending,
    /// It has a row; whether that must be read again, [`Inspection::expired`] says.
    Persistent,
    /// A flush of this transaction deleted its row.
    Deleted,
}

/// What happened to a column since the database agreed. SQLAlchemy's `History`.
#[derive(Clone, PartialEq, Eq)]
pub struct History<T> {
    /// The value that the next flush writes.
    pub added: Option<T>,
    /// The value, where nothing is to be written.
    pub unchanged: Option<T>,
    /// The value that goes.
    pub deleted: Option<T>,
    shown: Shown,
}

/// Whether a history prints its values: not those of a sensitive column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Values,
    Nothing,
}

impl<T: fmt::Debug> fmt::Debug for History<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("History");
        for (name, value) in [("added", &self.added), ("unchanged", &self.unchanged), ("deleted", &self.deleted)] {
            match (self.shown, value) {
                (Shown::Values, value) => fields.field(name, value),
                (Shown::Nothing, Some(_)) => fields.field(name, &format_args!("<sensitive>")),
                (Shown::Nothing, None) => fields.field(name, &format_args!("None")),
            };
        }
        fields.finish()
    }
}

/// What a session knew of an object when it was asked. SQLAlchemy's `inspect(object)`.
pub struct Inspection<E> {
    state: ObjectState,
    to_be_deleted: bool,
    key: Option<String>,
    loaded: Vec<&'static str>,
    unloaded: Vec<&'static str>,
    expired: Vec<&'static str>,
    expired_by: Option<StateCause>,
    modified: Vec<&'static str>,
    /// For each column, what the database has and what the program sees.
    values: Vec<(Option<Value>, Option<Value>)>,
    entity: PhantomData<fn() -> E>,
}

impl<E> Clone for Inspection<E> {
    fn clone(&self) -> Self {
        Self {
            state: self.state,
            to_be_deleted: self.to_be_deleted,
            key: self.key.clone(),
            loaded: self.loaded.clone(),
            unloaded: self.unloaded.clone(),
            expired: self.expired.clone(),
            expired_by: self.expired_by,
            modified: self.modified.clone(),
            values: self.values.clone(),
            entity: PhantomData,
        }
    }
}

/// The names of attributes; a value is what [`history`](Inspection::history) is asked for.
impl<E: Entity> fmt::Debug for Inspection<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspection")
            .field("entity", &E::DEF.name)
            .field("key", &self.key)
            .field("state", &self.state)
            .field("to_be_deleted", &self.to_be_deleted)
            .field("loaded", &self.loaded)
            .field("unloaded", &self.unloaded)
            .field("expired", &self.expired)
            .field("modified", &self.modified)
            .finish()
    }
}

impl<E: Entity> Inspection<E> {
    /// Where it is in its life.
    #[must_use]
    pub fn state(&self) -> ObjectState {
        self.state
    }

    /// Whether the next flush deletes its row.
    #[must_use]
    pub fn is_to_be_deleted(&self) -> bool {
        self.to_be_deleted
    }

    /// The primary key, printed; none before the database made it.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Columns and relationships that can be read without a statement.
    #[must_use]
    pub fn loaded(&self) -> &[&'static str] {
        &self.loaded
    }

    /// Relationships and deferred columns that are not loaded.
    #[must_use]
    pub fn unloaded(&self) -> &[&'static str] {
        &self.unloaded
    }

    /// Columns that the next `get` reads again.
    #[must_use]
    pub fn expired(&self) -> &[&'static str] {
        &self.expired
    }

    /// What expired them.
    #[must_use]
    pub fn expired_by(&self) -> Option<StateCause> {
        self.expired_by
    }

    /// Columns whose values the next flush writes: net changes, so that "set, and set back" is none.
    #[must_use]
    pub fn modified(&self) -> &[&'static str] {
        &self.modified
    }

    /// Whether the next flush writes anything of it.
    #[must_use]
    pub fn is_modified(&self) -> bool {
        !self.modified.is_empty()
    }

    /// What happened to a column. A to-one shows by its foreign key. Nothing at all where the column is neither loaded nor set.
    #[must_use]
    pub fn history<T: ColumnType>(&self, column: Column<E, T>) -> History<T> {
        let typed = |value: &Option<Value>| value.as_ref().and_then(|value| T::from_value(value).ok());
        let (base, current) = &self.values[column.position()];
        let definition = &E::DEF.columns[column.position()];
        let shown = if definition.sensitive { Shown::Nothing } else { Shown::Values };
        if self.modified.contains(&definition.field) {
            History { added: typed(current), unchanged: None, deleted: typed(base), shown }
        } else {
            History { added: None, unchanged: typed(current), deleted: None, shown }
        }
    }
}

impl Session {
    /// What the session knows of an object. No statement.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")] struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn example(session: &Session) -> Result<(), Error> {
    /// let ada = session.get_one::<User>(1).await?;
    /// ada.set_name("Ada Lovelace");
    /// let history = session.inspect(&ada)?.history(User::NAME);
    /// assert_eq!(history.added.as_deref(), Some("Ada Lovelace"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotInSession`](crate::error::ErrorKind::NotInSession).
    pub fn inspect<E: Entity, L: 'static>(&self, object: &Persistent<'_, E, L>) -> Result<Inspection<E>> {
        Ok(self.inspection(self.own(object.src())?))
    }

    /// What the session knows of a pending object. No statement.
    ///
    /// # Errors
    /// [`ErrorKind::NotInSession`](crate::error::ErrorKind::NotInSession).
    pub fn inspect_pending<E: Entity>(&self, object: &Pending<'_, E>) -> Result<Inspection<E>> {
        Ok(self.inspection(self.own(object.src())?))
    }

    /// What the session knows of the object with this key, expired ones included; `None` when it does not hold it. No statement.
    pub fn inspect_key<E: Entity>(&self, key: impl IntoKey<E>) -> Option<Inspection<E>> {
        let object = self.map.held(E::DEF, &key.into_key().to_values())?;
        Some(self.inspection(object.slot))
    }

    /// Whether the next flush writes a change of this object: its net changes, not whether a setter was called. No statement.
    #[must_use]
    pub fn is_modified<E: Entity, L: 'static>(&self, object: &Persistent<'_, E, L>) -> bool {
        let store = self.map.store::<E>();
        self.own(object.src()).is_ok_and(|slot| store.changes(slot).is_some())
    }

    /// The objects of `E` that were added and not flushed, in that order. SQLAlchemy's `session.new`.
    #[must_use]
    pub fn new_objects<E: Entity>(&self) -> Vec<Pending<'_, E>> {
        let pending: Vec<ObjectRef> = self.map.work().coming().collect();
        self.of_entity::<E>(pending).map(|slot| Pending::new(Src::new(&self.map, slot, None))).collect()
    }

    /// The objects of `E` with changes that the next flush writes, in the order of the first. SQLAlchemy's `session.dirty`, which lists
    /// objects with no net change as well.
    #[must_use]
    pub fn dirty<E: Entity>(&self) -> Vec<Persistent<'_, E>> {
        let touched: Vec<ObjectRef> = self.map.work().touched.iter().copied().collect();
        let store = self.map.store::<E>();
        self.persistent(touched)
            .into_iter()
            .filter(|object: &Persistent<'_, E>| store.changes(object.src().slot.index()).is_some())
            .collect()
    }

    /// The objects of `E` that the next flush deletes: in the order of `delete`, then orphans, in the order in which they were taken
    /// away. What cascades take along is found by the flush. SQLAlchemy's `session.deleted`.
    #[must_use]
    pub fn deleted<E: Entity>(&self) -> Vec<Persistent<'_, E>> {
        let deleted: Vec<ObjectRef> = self.map.work().going().collect();
        self.persistent(deleted)
    }

    fn persistent<E: Entity>(&self, objects: Vec<ObjectRef>) -> Vec<Persistent<'_, E>> {
        let store = self.map.store::<E>();
        self.of_entity::<E>(objects)
            .filter(|slot| store.status(*slot) == Status::Persistent)
            .map(|slot| Persistent::new(Src::new(&self.map, slot, None)))
            .collect()
    }

    fn of_entity<E: Entity>(&self, objects: Vec<ObjectRef>) -> impl Iterator<Item = u32> {
        let entity = IdentityMap::object(E::DEF, 0).entity;
        objects.into_iter().filter(move |object| object.entity == entity).map(|object| object.slot)
    }

    fn inspection<E: Entity>(&self, slot: u32) -> Inspection<E> {
        let store = self.map.store::<E>();
        let def = E::DEF;
        let status = store.status(slot);
        let values: Vec<(Option<Value>, Option<Value>)> =
            (0..def.columns.len()).map(|at| (store.base_value(slot, at), store.value(slot, at))).collect();
        let written = match status {
            Status::Pending | Status::Expired => store.draft_columns(slot),
            _ => store.changes(slot).map(|changes| changes.columns).unwrap_or_default(),
        };
        let expired = if status == Status::Expired { store.expired_columns(slot) } else { Vec::new() };
        let field = |at: usize| def.columns[at].field;
        let (mut loaded, mut unloaded) = (Vec::new(), Vec::new());
        for (at, column) in def.columns.iter().enumerate() {
            match &values[at].1 {
                Some(_) => loaded.push(column.field),
                None if expired.contains(&at) => {}
                None => unloaded.push(column.field),
            }
        }
        for (at, relation) in def.relations.iter().enumerate() {
            let is_loaded = store.links(slot).is_some_and(|links| links[at].is_loaded());
            if is_loaded { loaded.push(relation.name) } else { unloaded.push(relation.name) }
        }
        let object = IdentityMap::object(def, slot);
        Inspection {
            state: match status.life() {
                Life::Transient | Life::Pending => ObjectState::Pending,
                Life::Persistent | Life::Detached => ObjectState::Persistent,
                Life::Deleted => ObjectState::Deleted,
            },
            to_be_deleted: {
                let work = self.map.work();
                work.deleted.contains(&object) || (status != Status::Pending && work.is_orphan(object))
            },
            key: store.key(slot).map(|key| crate::value::print_values(&key)),
            loaded,
            unloaded,
            expired_by: (!expired.is_empty()).then(|| store.expired_by(slot).unwrap_or(self.map.expired_by())),
            expired: expired.into_iter().map(field).collect(),
            modified: written.into_iter().map(field).collect(),
            values,
            entity: PhantomData,
        }
    }
}
