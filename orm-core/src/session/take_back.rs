//! `undelete` and `withdraw`: a deletion or an addition that is not flushed is taken back.

use super::Session;
use crate::{
    entity::Entity,
    error::{Error, ErrorKind, Result},
    handle::{Pending, Persistent},
    state::{AnyStore, Event, Mark, Status},
};

impl Session {
    /// Takes back a [`delete`](Self::delete) that no flush has sent: the object stays. One that is not marked for deletion stays as it is.
    /// SQLAlchemy's `session.add(deleted_object)`. A child that was taken out of a list which deletes its orphans is put into a list again
    /// instead.
    ///
    /// No statement.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")] struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn example(session: &Session) -> Result<(), Error> {
    /// let ada = session.get_one::<User>(1).await?;
    /// session.delete(&ada).await?;
    /// session.undelete(&ada)?;
    /// session.flush().await // deletes nothing
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::ObjectDeleted`] once a flush has deleted the row, which only [`rollback`](Self::rollback) brings back;
    /// [`ErrorKind::NotInSession`].
    #[doc(alias = "add")]
    pub fn undelete<E: Entity, L: 'static>(&self, object: &Persistent<'_, E, L>) -> Result<()> {
        const VERB: &str = "undelete";
        self.check_active(VERB)?;
        let slot = self.own(object.src()).map_err(|error| error.with_verb(VERB))?;
        self.check_state::<E>(slot, Event::Delete, VERB)?;
        let mut work = self.map.work();
        if work.deleted.shift_remove(&object.src().object()) {
            self.map.store::<E>().clear_mark(slot, Mark::DeletePending);
        }
        Ok(())
    }

    /// Takes back an [`add`](Self::add) that no flush has sent: the object is not inserted. New objects that a deletion of it would take
    /// along (`cascade = "all"`, `"delete"` or `"delete-orphan"`) are not inserted either; one that keeps a required parent which never
    /// comes is [`ErrorKind::MissingParent`] at the flush. SQLAlchemy's `expunge` of a pending object.
    ///
    /// No statement. Objects with a row that were given to it stay with the parent that they have. What the program set can still be read.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")] struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn example(session: &Session) -> Result<(), Error> {
    /// let ada = session.add(User::builder().name("Ada"))?;
    /// session.withdraw(&ada)?;
    /// session.flush().await // inserts nothing
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::State`] once it was flushed: it has a row, [`delete`](Self::delete) that; [`ErrorKind::NotInSession`].
    #[doc(alias = "expunge")]
    pub fn withdraw<E: Entity>(&self, pending: &Pending<'_, E>) -> Result<()> {
        const VERB: &str = "withdraw";
        self.check_active(VERB)?;
        let slot = self.own(pending.src()).map_err(|error| error.with_verb(VERB))?;
        let store = self.map.store::<E>();
        match store.status(slot) {
            Status::Pending => {
                self.map.withdraw(pending.src().object());
                Ok(())
            }
            Status::Discarded => Ok(()),
            Status::Persistent | Status::Expired | Status::Deleted => Err(Error::new(
                ErrorKind::State,
                "it was flushed and has a row: delete that, `session.delete(&session.persisted(&pending)?).await?`",
            )
            .with_entity(E::DEF.name)
            .with_key(store.print_key(slot))
            .with_verb(VERB)),
        }
    }
}
