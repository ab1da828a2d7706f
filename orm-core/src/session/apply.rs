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
    /// No statement. Takes a handle, a pending object or a key. The object of a key is not read: one that is expired, or that the session
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
        let store = self.map.store_of(def);
        let refused = |kind, why: &str| Error::new(kind, why).with_entity(def.name).with_key(print_values(key));
        if store.has_deleted(key) {
            return Err(refused(ErrorKind::ObjectDeleted, "deleted in this session"));
        }
        let slot = store.reserve(key).map_err(|error| refused(ErrorKind::Value, error.reason()))?;
        Ok(IdentityMap::object(def, slot))
    }
}
