//! Savepoints: a part of a transaction that can be undone by itself.

use std::ops::Deref;

use super::{
    Running, Session,
    operation::{Operation, Writing},
};
use crate::{
    entity::{Entity, IntoKey},
    error::Result,
    handle::Detached,
    identity::SavepointMark,
    query::{Delete, Update},
    relationship::IntoAttributes,
};

/// A savepoint that is open: the session, to be used through it, until [`release`](Self::release) or [`rollback`](Self::rollback).
/// SQLAlchemy's `begin_nested`.
///
/// Dropped, it is rolled back: in memory at once, in the database before the next statement. It derefs to the session for whatever takes
/// `&self`; what takes state away it has itself, and `commit` is not among it: `commit_keeping` is refused
/// ([`ErrorKind::SavepointOpen`](crate::error::ErrorKind::SavepointOpen)).
#[must_use = "dropped at once, it is rolled back at once"]
pub struct Savepoint<'a> {
    session: &'a mut Session,
    mark: SavepointMark,
    /// How many are open, this one included.
    depth: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Ended,
}

impl Session {
    /// Opens a savepoint, after a flush: what is done from here on can be undone without the rest.
    ///
    /// One SAVEPOINT; it begins the transaction if there is none. Every handle ends here, at compile time: take keys along.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")] struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn example(session: &mut Session) -> Result<(), Error> {
    /// let attempt = session.savepoint().await?;
    /// match attempt.insert(User::builder().name("Ada")).await.map(|ada| Key::of(&ada)) {
    ///     Ok(_) => attempt.release().await?,
    ///     Err(_) => attempt.rollback().await?,
    /// }
    /// session.commit().await
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`flush`](Self::flush); what the database refused.
    pub async fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        let depth = self.depth + 1;
        let mut operation = self.operation("savepoint").await?;
        operation.open_savepoint(&name(depth)).await?;
        drop(operation);
        self.depth = depth;
        let mark = self.map.mark();
        Ok(Savepoint { session: self, mark, depth, state: State::Open })
    }
}

fn name(depth: u32) -> String {
    format!("orm_{depth}")
}

/// What can be committed: no savepoint.
#[diagnostic::on_unimplemented(
    message = "a savepoint is released, not committed",
    label = "the session around it commits",
    note = "keep what was done in it: `savepoint.release().await?`",
    note = "then commit the session: `session.commit().await?`"
)]
pub trait IsCommitted {}

// Without any impl, rustc proposes to write one.
#[diagnostic::do_not_recommend]
impl IsCommitted for fn() {}

/// What ends the transaction around a savepoint does not compile on it, and says what to write.
impl Savepoint<'_> {
    #[doc(hidden)]
    pub fn commit(&mut self) -> Running<'_, ()>
    where
        Self: IsCommitted,
    {
        Running::new(self.session.commit())
    }

    #[doc(hidden)]
    pub fn commit_and_clear(&mut self) -> Running<'_, ()>
    where
        Self: IsCommitted,
    {
        Running::new(self.session.commit_and_clear())
    }
}

impl Savepoint<'_> {
    /// Flushes, and keeps what was done since the savepoint was opened, as part of what is around it. Handles end here; values stay.
    ///
    /// One RELEASE, and what the flush takes.
    ///
    /// # Errors
    /// As [`flush`](Session::flush): what was done since the savepoint is undone then, and the session goes on.
    pub async fn release(mut self) -> Result<()> {
        let mut operation = self.session.operation("release").await?;
        operation.release_savepoint(&name(self.depth)).await?;
        drop(operation);
        self.session.depth = self.depth - 1;
        self.state = State::Ended;
        Ok(())
    }

    /// Undoes what was done since the savepoint was opened, a failed flush included. Objects added since are gone, objects deleted since
    /// are back; everything that was read or changed since is expired, and the rest stays as it is.
    ///
    /// One ROLLBACK TO and one RELEASE. Handles end here.
    ///
    /// # Errors
    /// When the database cannot go back to it (the connection broke, it gave up the whole transaction): then the session must be rolled
    /// back.
    pub async fn rollback(mut self) -> Result<()> {
        self.undo();
        self.session.operation("rollback").await.map(drop)
    }

    /// A savepoint within this one.
    ///
    /// # Errors
    /// As [`Session::savepoint`].
    pub async fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        self.session.savepoint().await
    }

    /// [`Session::expire`].
    pub fn expire<E: Entity>(&mut self, key: impl IntoKey<E>) {
        self.session.expire(key);
    }

    /// [`Session::expire_attributes`].
    pub fn expire_attributes<E: Entity>(&mut self, key: impl IntoKey<E>, attributes: impl IntoAttributes<E>) {
        self.session.expire_attributes(key, attributes);
    }

    /// [`Session::expire_all`].
    pub fn expire_all(&mut self) {
        self.session.expire_all();
    }

    /// [`Session::expunge`].
    pub fn expunge<E: Entity>(&mut self, key: impl IntoKey<E>) -> Option<Detached<E>> {
        self.session.expunge(key)
    }

    /// [`Session::expunge_all`].
    pub fn expunge_all(&mut self) {
        self.session.expunge_all();
    }

    /// [`Session::update`].
    ///
    /// # Errors
    /// As [`Session::update`].
    pub async fn update<E: Entity>(&mut self, update: &Update<E>) -> Result<u64> {
        self.session.update(update).await
    }

    /// [`Session::delete_where`].
    ///
    /// # Errors
    /// As [`Session::delete_where`].
    pub async fn delete_where<E: Entity>(&mut self, delete: impl Into<Delete<E>>) -> Result<u64> {
        self.session.delete_where(delete).await
    }

    /// Memory goes back now; the database before its next statement.
    fn undo(&mut self) {
        if self.state == State::Ended {
            return;
        }
        self.state = State::Ended;
        self.session.depth = self.depth - 1;
        self.session.map.roll_back_to(&self.mark);
        let lane = self.session.lane.get_mut();
        // Only a whole rollback is left then.
        if lane.connection.as_mut().is_some_and(|connection| !connection.goes_back_to_savepoints()) {
            return;
        }
        lane.writing = Writing::Idle;
        // One that is around it, ended later, takes this one along.
        lane.undo = Some(name(self.depth));
        *self.session.failure() = None;
    }
}

impl Deref for Savepoint<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        self.undo();
    }
}

impl std::fmt::Debug for Savepoint<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Savepoint").field("depth", &self.depth).finish_non_exhaustive()
    }
}

impl Operation<'_> {
    async fn open_savepoint(&mut self, name: &str) -> Result<()> {
        self.flush().await?;
        self.connection().await?;
        self.change(async |connection| connection.savepoint(name).await).await
    }

    async fn release_savepoint(&mut self, name: &str) -> Result<()> {
        self.flush().await?;
        self.change(async |connection| connection.release(name).await).await
    }
}
