//! `refresh` and `refresh_all`: objects as the database has them now.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
};

use super::{Session, hold_back::HoldBack};
use crate::{
    entity::Entity,
    error::Result,
    handle::Persistent,
    identity::{IdentityMap, ObjectRef},
    loading::{Reread, Staged},
    query::sql::{Lock, LockStrength, LockWait, default_columns},
    relationship::{Attributes, IntoAttributes},
    schema::EntityDef,
    state::Event,
};

/// Objects on their way to be read anew: await it.
#[must_use = "nothing is read until it is awaited"]
pub struct Refresh<'s, E: Entity> {
    session: &'s Session,
    slots: Result<Vec<u32>>,
    attributes: Attributes<E>,
    lock: Option<Lock>,
}

impl<E: Entity> Refresh<'_, E> {
    /// Reads these attributes and no others: columns in the one SELECT, a relationship with a statement of its own. Called again, it
    /// adds. Changes of other columns stay.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")]
    /// # struct User { #[orm(primary_key)] id: i64, name: String, nick: Option<String>, #[orm(foreign_key = user_id)] posts: HasMany<Post> }
    /// # #[derive(Entity)] #[orm(table = "posts")] struct Post { #[orm(primary_key)] id: i64, user_id: Option<i64> }
    /// # async fn example(session: &Session, user: &Persistent<'_, User>) -> Result<(), Error> {
    /// session.refresh(user).only((User::NICK, User::POSTS)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn only(mut self, attributes: impl IntoAttributes<E>) -> Self {
        self.attributes = self.attributes.and(attributes);
        self
    }

    /// Locks the rows as it reads them (`SELECT … FOR UPDATE`). For SQLite see
    /// [`Select::for_update`](crate::query::Select::for_update).
    pub fn for_update(mut self) -> Self {
        self.lock.get_or_insert_default().strength = LockStrength::Update;
        self
    }

    /// Locks the rows against changes by others (`FOR SHARE`): [`Select::for_share`](crate::query::Select::for_share).
    pub fn for_share(mut self) -> Self {
        self.lock.get_or_insert_default().strength = LockStrength::Share;
        self
    }

    /// Fails where someone else holds a row, instead of waiting: [`Select::nowait`](crate::query::Select::nowait).
    pub fn nowait(mut self) -> Self {
        self.lock.get_or_insert_default().wait = LockWait::NoWait;
        self
    }
}

impl<'s, E: Entity> IntoFuture for Refresh<'s, E> {
    type Output = Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<()>> + Send + 's>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { session, slots, attributes: Attributes { columns, relations, .. }, lock } = self;
        Box::pin(async move {
            let slots = slots.map_err(|error| error.with_verb("refresh"))?;
            let refreshed = session.reread(E::DEF, &slots, columns, &relations, lock).await;
            refreshed.map_err(|error| if error.verb().is_some() { error } else { error.with_verb("refresh") })
        })
    }
}

impl<E: Entity> std::fmt::Debug for Refresh<'_, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Refresh<{}>", E::DEF.name)
    }
}

impl Session {
    /// Reads an object again: its unflushed changes are discarded, and what live handles were promised of its relationships is read
    /// again with it. Relationships that no handle was promised are read again when they are next loaded.
    ///
    /// Everything else that is pending is flushed first. One SELECT, and one for each relationship that a handle was promised. It all
    /// shows at once at the end; an error, or a dropped future, changes nothing of the object.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")] struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn example(session: &Session) -> Result<(), Error> {
    /// let ada = session.get_one::<User>(1).await?;
    /// session.refresh(&ada).await?;
    /// session.refresh(&ada).only(User::NAME).for_update().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The future's errors: [`ErrorKind::ObjectDeleted`](crate::error::ErrorKind::ObjectDeleted) when the row is gone;
    /// [`ErrorKind::NotInSession`](crate::error::ErrorKind::NotInSession); what the flush or the database refused.
    pub fn refresh<E: Entity, L: 'static>(&self, object: &Persistent<'_, E, L>) -> Refresh<'_, E> {
        let slots = self.to_refresh(object).map(|slot| vec![slot]);
        Refresh { session: self, slots, attributes: Attributes::none(), lock: None }
    }

    /// Reads objects again, as [`refresh`](Self::refresh) does one. One SELECT for all of them, and one for each relationship.
    ///
    /// The future's errors are those of `refresh`; one that is gone leaves all of them as they were.
    pub fn refresh_all<E: Entity, L: 'static>(&self, objects: &[Persistent<'_, E, L>]) -> Refresh<'_, E> {
        let mut slots: Result<Vec<u32>> = objects.iter().map(|object| self.to_refresh(object)).collect();
        if let Ok(slots) = &mut slots {
            slots.sort_unstable();
            slots.dedup();
        }
        Refresh { session: self, slots, attributes: Attributes::none(), lock: None }
    }

    fn to_refresh<E: Entity, L: 'static>(&self, object: &Persistent<'_, E, L>) -> Result<u32> {
        let slot = self.own(object.src())?;
        self.check_state::<E>(slot, Event::Refresh, "refresh")?;
        Ok(slot)
    }

    async fn reread(
        &self,
        def: &'static EntityDef,
        slots: &[u32],
        only: Vec<usize>,
        relations: &[usize],
        lock: Option<Lock>,
    ) -> Result<()> {
        self.check_lock(lock).map_err(|error| error.with_entity(def.name))?;
        let mut operation = self.operation("refresh").await?;
        operation.begin_for(lock);
        if slots.is_empty() {
            return Ok(());
        }
        let store = self.map.store_of(def);
        // With no attributes named: everything.
        let whole = only.is_empty() && relations.is_empty();
        let mut columns = only;
        if whole {
            columns = default_columns(def);
            let deferred = (0..def.columns.len()).filter(|at| def.columns[*at].deferred);
            columns.extend(deferred.filter(|at| slots.iter().any(|slot| store.is_column_loaded(*slot, *at))));
        } else if columns.is_empty() && lock.is_some() {
            // The row is not asked for, its lock is.
            columns.extend(def.primary_key);
        }
        let objects: Vec<ObjectRef> = slots.iter().map(|slot| IdentityMap::object(def, *slot)).collect();
        let held_back = HoldBack::new(&self.map, objects, &columns);
        operation.autoflush().await?;
        let mut loader = operation.loader().await?;
        let staged = match columns.is_empty() {
            true => Staged::unread(def, slots),
            false => loader.stage(def, slots, &columns, lock).await?,
        };
        let reread = if whole { Reread::Promised } else { Reread::Columns };
        let published = loader.publish_staged(staged, relations, reread).await;
        drop(held_back);
        published
    }
}
