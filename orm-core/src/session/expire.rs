//! `expire`, `expire_attributes`, `expire_all`: what the session knows is to be read again.

use super::Session;
use crate::{
    entity::{Entity, IntoKey, KeyType},
    error::StateCause,
    relationship::{Attributes, IntoAttributes},
};

impl Session {
    /// Expires an object: the next [`get`](Self::get) of its key reads the row again, and its relationships are not loaded any more. Its
    /// unflushed changes are dropped; one that is to be deleted is deleted all the same.
    ///
    /// No statement. Every handle ends here, at compile time. A key that the session does not hold is expired as it is (SQLAlchemy
    /// raises).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")] struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn example(session: &mut Session) -> Result<(), Error> {
    /// let ada = session.get_one::<User>(1).await?;
    /// ada.set_name("Ada");
    /// let key = Key::of(&ada);
    /// session.expire(key);
    /// let ada = session.get_one(key).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn expire<E: Entity>(&mut self, key: impl IntoKey<E>) {
        if let Some(object) = self.map.held(E::DEF, &key.into_key().to_values()) {
            self.map.expire(object, StateCause::Explicit);
        }
    }

    /// Expires some attributes of an object: columns are read again by the next [`get`](Self::get), those columns alone in one SELECT;
    /// relationships and deferred columns are not loaded any more. Unflushed changes of these attributes are dropped, those of
    /// others stay. The key's own columns do not expire.
    ///
    /// No statement. Every handle ends here, at compile time.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")]
    /// # struct User { #[orm(primary_key)] id: i64, name: String, nick: Option<String>, #[orm(foreign_key = user_id)] posts: HasMany<Post> }
    /// # #[derive(Entity)] #[orm(table = "posts")] struct Post { #[orm(primary_key)] id: i64, user_id: Option<i64> }
    /// # fn example(session: &mut Session, key: Key<User>) {
    /// session.expire_attributes(key, User::NAME);
    /// session.expire_attributes(key, (User::NAME, User::NICK, User::POSTS));
    /// # }
    /// ```
    pub fn expire_attributes<E: Entity>(&mut self, key: impl IntoKey<E>, attributes: impl IntoAttributes<E>) {
        let Attributes { columns, relations, .. } = Attributes::none().and(attributes);
        if let Some(object) = self.map.held(E::DEF, &key.into_key().to_values()) {
            self.map.expire_attributes(object, &columns, &relations, StateCause::Explicit);
        }
    }

    /// Expires every object that has a row, as [`expire`](Self::expire) does one. Pending objects stay pending.
    ///
    /// No statement. Every handle ends here, at compile time.
    pub fn expire_all(&mut self) {
        self.map.expire_held(StateCause::Explicit);
    }
}
