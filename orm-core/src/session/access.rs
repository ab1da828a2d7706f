//! What a session may do: write or only read, and lock as its database can.

use super::{Session, factory::Access, operation::Operation};
use crate::{
    database::BeginMode,
    entity::Entity,
    error::{Error, ErrorKind, Result},
    query::sql::{Lock, LockWait},
    state::{AnyStore, Event, Life},
};

impl Session {
    /// Whether a lock can be had here, asked before anything is sent.
    pub(super) fn check_lock(&self, lock: Option<Lock>) -> Result<()> {
        let Some(lock) = lock else { return Ok(()) };
        if self.options.access == Access::ReadOnly {
            return Err(Error::new(
                ErrorKind::ReadOnly,
                "a lock is for writing, and this session only reads: query without `for_update`, or use a session of a factory \
                 without `read_only`",
            ));
        }
        let word = match lock.wait {
            LockWait::Wait => return Ok(()),
            LockWait::NoWait => "nowait",
            LockWait::SkipLocked => "skip_locked",
        };
        if self.database.backend().locks_rows() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "{} locks the whole database and not rows, so that there is no `{word}`: `for_update` alone waits for the lock",
                self.database.backend().name()
            ),
        ))
    }

    /// Whether something can happen to an object in the state that it is in.
    pub(super) fn check_state<E: Entity>(&self, slot: u32, event: Event, verb: &'static str) -> Result<()> {
        let store = self.map.store::<E>();
        let life = store.status(slot).life();
        if life.after(event).is_some() {
            return Ok(());
        }
        let (kind, why) = match life {
            Life::Deleted => {
                (ErrorKind::ObjectDeleted, "a flush of this transaction deleted its row; `rollback` brings it back")
            }
            Life::Transient => (ErrorKind::State, "it was taken out of the session before a flush; add it again"),
            Life::Pending => (ErrorKind::State, "it has no row yet; `flush` first"),
            Life::Persistent => (ErrorKind::State, "it has its row"),
            Life::Detached => (ErrorKind::State, "it is in no session; `get` its key"),
        };
        Err(Error::new(kind, format!("the object is {}: {why}", life.name()))
            .with_entity(E::DEF.name)
            .with_key(store.print_key(slot))
            .with_verb(verb))
    }

    /// Whether the session may write, asked before anything is sent.
    pub(super) fn check_writable(&self, verb: &'static str) -> Result<()> {
        match self.options.access {
            Access::ReadWrite => Ok(()),
            Access::ReadOnly => Err(read_only().with_verb(verb)),
        }
    }

    /// Whether what is unflushed may be written.
    pub(super) fn check_flushable(&self) -> Result<()> {
        if self.options.access == Access::ReadWrite {
            return Ok(());
        }
        match self.map.first_unflushed() {
            None => Ok(()),
            Some((entity, key)) => Err(read_only().with_entity(entity).with_key(key).with_verb("flush")),
        }
    }
}

fn read_only() -> Error {
    Error::new(
        ErrorKind::ReadOnly,
        "this session only reads (`SessionFactory::read_only`): write with a session of another factory",
    )
}

impl Operation<'_> {
    /// A lock is taken where the transaction begins, on a database that has only one.
    pub(super) fn begin_for(&mut self, lock: Option<Lock>) {
        if lock.is_some() {
            self.begin = BeginMode::Immediate;
        }
    }
}
