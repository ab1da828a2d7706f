//! `apply`: several columns of one object at once, absent, null or set.

use super::Session;
use crate::{
    entity::{Entity, EntityChanges, without_key},
    error::{Error, ErrorKind, Result},
    handle::{AnyTarget, ChangeTarget, Target},
    identity::{IdentityMap, ObjectRef},
    schema::EntityDef,
    state::Status,
    value::{Value, print_values},
};

impl Session {
    /// Sets the columns of an object that are among the changes; the others stay. The next flush writes what differs: one UPDATE.
    ///
    /// No statement. Empty changes change nothing, of a key that the session does not hold either. Takes a handle, a pending object or a key. The object of a key is not read: one that is expired, or that the session
    /// does not hold, gets its UPDATE all the same, and a later [`get`](Self::get) reads the other columns and keeps these (where the
    /// entity has a version, the flush reads the row first).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")]
    /// # pub struct User { #[orm(primary_key)] id: i64, name: String, nick: Option<String> }
    /// async fn patch(session: &mut Session, id: i64, changes: Changes<User>) -> Result<Detached<User>, Error> {
    ///     let user = session.get_one::<User>(id).await?;
    ///     session.apply(&user, changes)?;
    ///     session.flush().await?;
    ///     let user = session.detach(&user)?;
    ///     session.commit().await?;
    ///     Ok(user)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotInSession`]; [`ErrorKind::State`] where the changes have another key; [`ErrorKind::ObjectDeleted`] where this
    /// transaction deleted the row; [`ErrorKind::BreaksPromise`] where a to-one would get a target that lacks what a live handle was
    /// promised; [`ErrorKind::ReadOnly`]. Nothing changed then.
    pub fn apply<E: Entity>(&self, target: impl ChangeTarget<E>, changes: impl EntityChanges<E>) -> Result<()> {
        let def = E::DEF;
        self.check_writable("apply").map_err(|error| error.with_entity(def.name))?;
        let values = changes.into_set().into_values();
        self.apply_to(def, target.into_target(), values).map_err(|error| error.of_verb("apply"))
    }

    fn apply_to(&self, def: &'static EntityDef, target: Target, values: Vec<(usize, Value)>) -> Result<()> {
        let object = match target.0 {
            AnyTarget::Object(token) => self.map.resolve(token).map_err(|error| error.with_entity(def.name))?,
            AnyTarget::Key(key) if changes_nothing(def, without_key(def, values.clone(), Some(&key))?) => {
                return self.check_not_deleted(def, &key);
            }
            AnyTarget::Key(key) => self.named(def, &key)?,
        };
        let store = self.map.store_at(object);
        let key = store.key(object.slot);
        let values = without_key(def, values, key.as_deref())?;
        if store.status(object.slot) == Status::Discarded {
            return Err(
                Error::new(ErrorKind::State, "taken out of the session before it was flushed").with_entity(def.name)
            );
        }
        if values.is_empty() { Ok(()) } else { self.map.write_columns(object, values) }
    }

    /// The object with this key, made with no row where the session does not hold it.
    fn named(&self, def: &'static EntityDef, key: &[Value]) -> Result<ObjectRef> {
        self.check_not_deleted(def, key)?;
        let slot = self.map.store_of(def).reserve(key).map_err(|error| {
            Error::new(ErrorKind::Value, error.reason()).with_entity(def.name).with_key(print_values(key))
        })?;
        Ok(IdentityMap::object(def, slot))
    }

    fn check_not_deleted(&self, def: &'static EntityDef, key: &[Value]) -> Result<()> {
        if self.map.store_of(def).has_deleted(key) {
            let error = Error::new(ErrorKind::ObjectDeleted, "deleted in this session");
            return Err(error.with_entity(def.name).with_key(print_values(key)));
        }
        Ok(())
    }
}

/// Whether none of these columns is one that a program writes: then there is no object to make for them.
fn changes_nothing(def: &'static EntityDef, values: Vec<(usize, Value)>) -> bool {
    let is_written = |column: usize| {
        let definition = &def.columns[column];
        !def.primary_key.contains(&column) && !definition.version && !definition.read_only
    };
    !values.into_iter().any(|(column, _)| is_written(column))
}
