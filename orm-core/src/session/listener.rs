//! Listeners: code of the program that sees every flush, commit and rollback of a factory's sessions.

use super::{Session, SessionFactory};
use crate::{
    error::{Error, ErrorKind, Result},
    flush::Flushed,
};

/// What a listener gives back: any error stops the flush or the commit.
pub type Heard = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Sees what the sessions of a factory do: an audit log, timestamps, rules that span objects. SQLAlchemy's session events.
///
/// All of it is synchronous and sees the session by `&`: a listener can read what the session holds, write to it, and add to it, and what
/// it adds is written by the same flush ([`before_flush`](Self::before_flush)) or the next one. It cannot send statements of its
/// own: the connection is in use. Listeners are called in the order in which they were added, and cost nothing where there are
/// none.
///
/// An error stops the flush or commit, which gives it back: an [`Error`] of this crate as it is, any other as the source of one of the
/// kind [`ErrorKind::Listener`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use orm_core::session::{Flushed, Heard, Listener};
/// # #[derive(Entity)] #[orm(table = "audits")] struct Audit { #[orm(primary_key)] id: i64, line: String }
/// struct AuditLog;
///
/// impl Listener for AuditLog {
///     fn after_flush(&self, session: &Session, flushed: &Flushed) -> Heard {
///         for object in flushed.objects().iter().filter(|object| !object.is::<Audit>()) {
///             session.add(Audit::builder().line(object.to_string()))?;
///         }
///         Ok(())
///     }
/// }
///
/// # fn example(db: &Database) {
/// let sessions = db.session_factory().listen(AuditLog);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no listener",
    label = "not a listener",
    note = "a listener is a type of your own: `impl Listener for AuditLog {{ fn after_flush(&self, session: &Session, flushed: &Flushed) -> Heard {{ .. }} }}`"
)]
pub trait Listener: Send + Sync + 'static {
    /// Before a flush that has something to write. [`new_objects`](Session::new_objects), [`dirty`](Session::dirty) and
    /// [`deleted`](Session::deleted) say what; what is added or changed here is flushed along.
    ///
    /// # Errors
    /// Of its own: nothing is sent then, and everything stays pending.
    fn before_flush(&self, session: &Session) -> Heard {
        let _ = session;
        Ok(())
    }

    /// After a flush has written, before anything is committed. What is added here is written by the next flush, at the latest
    /// by the commit, which flushes until nothing is left.
    ///
    /// # Errors
    /// Of its own: the session must be rolled back then.
    fn after_flush(&self, session: &Session, flushed: &Flushed) -> Heard {
        let _ = (session, flushed);
        Ok(())
    }

    /// Before a commit that has something to commit, and before its flush.
    ///
    /// # Errors
    /// Of its own: nothing is committed then, and everything stays as it was.
    fn before_commit(&self, session: &Session) -> Heard {
        let _ = session;
        Ok(())
    }

    /// After a commit: what was written is there for good. No transaction is open.
    fn after_commit(&self, session: &Session) {
        let _ = session;
    }

    /// After a transaction was rolled back by `rollback`, `reset` or `close`; not after a session that was only dropped.
    fn after_rollback(&self, session: &Session) {
        let _ = session;
    }
}

impl SessionFactory {
    /// Adds a listener to all sessions that are made from here on.
    #[must_use]
    pub fn listen<T: Listener>(mut self, listener: T) -> Self {
        self.options.listeners.push(std::sync::Arc::new(listener));
        self
    }
}

impl Session {
    fn tell(&self, verb: &'static str, heard: impl Fn(&dyn Listener) -> Heard) -> Result<()> {
        for listener in &self.options.listeners {
            self.turns.call(|| heard(&**listener)).map_err(|error| refused(error).of_verb(verb))?;
        }
        Ok(())
    }

    pub(super) fn has_listeners(&self) -> bool {
        !self.options.listeners.is_empty()
    }

    pub(super) fn before_flush(&self) -> Result<()> {
        self.tell("flush", |listener| listener.before_flush(self))
    }

    pub(super) fn after_flush(&self, flushed: &Flushed) -> Result<()> {
        self.tell("flush", |listener| listener.after_flush(self, flushed))
    }

    pub(super) fn before_commit(&self) -> Result<()> {
        self.tell("commit", |listener| listener.before_commit(self))
    }

    pub(super) fn after_commit(&self) {
        self.options.listeners.iter().for_each(|listener| listener.after_commit(self));
    }

    pub(super) fn after_rollback(&self) {
        self.options.listeners.iter().for_each(|listener| listener.after_rollback(self));
    }
}

/// An error of a listener as ours.
fn refused(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(error) => Error::new(ErrorKind::Listener, format!("a listener refused: {error}")).with_source(error),
    }
}
