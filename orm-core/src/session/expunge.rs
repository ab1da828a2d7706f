//! `expunge`, `expunge_all`: objects leave the session, their rows stay.

use super::Session;
use crate::{
    entity::{Entity, IntoKey, KeyType},
    handle::{Detached, Detacher, Persistent, Src},
    state::{AnyStore, Status},
};

impl Session {
    /// Lets go of an object: nothing of it is written any more, neither a change nor its deletion, and `get` reads the row into a new
    /// object; pairs of a many-to-many that were to come or go with it are not written either. A pending object that was given this key is not
    /// inserted ([`withdraw`](Self::withdraw) takes back one without a key). Relationships that show it are not loaded any more.
    ///
    /// Gives what the session knew of its columns, unflushed changes included: SQLAlchemy's detached state. `None` where there
    /// is no row (pending, expired), or the session does not hold the key.
    ///
    /// No statement; time grows with the objects that the session holds. Every handle ends here, at compile time. Related objects stay
    /// (SQLAlchemy's cascade `expunge` takes them along).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")] struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn example(session: &mut Session) -> Result<(), Error> {
    /// session.get_one::<User>(1).await?.set_name("Ada");
    /// let ada = session.expunge::<User>(1);
    /// assert_eq!(ada.as_ref().map(|ada| ada.name()), Some("Ada"));
    /// session.commit().await // writes nothing
    /// # }
    /// ```
    pub fn expunge<E: Entity>(&mut self, key: impl IntoKey<E>) -> Option<Detached<E>> {
        let key = key.into_key().to_values();
        let Some(object) = self.map.held(E::DEF, &key) else {
            self.map.discard_pending(E::DEF, &key);
            return None;
        };
        let known = self.map.store::<E>().status(object.slot) == Status::Persistent;
        let detached = known.then(|| {
            let handle = Persistent::<E, E::Bare>::new(Src::new(&self.map, object.slot, None));
            Detacher::default().detach(handle)
        });
        self.map.expunge(object);
        detached
    }

    /// Lets go of every object, pending ones included: nothing of them is written any more. The transaction stays as it is.
    ///
    /// No statement. Every handle ends here, at compile time; keys and detached values survive.
    pub fn expunge_all(&mut self) {
        self.map.clear();
    }
}
