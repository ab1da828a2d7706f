//! What a session may do: write or only read, and lock as its database can.

use super::{Session, factory::Access, operation::Operation};
use crate::{
    database::BeginMode,
    error::{Error, ErrorKind, Result},
    query::sql::{Lock, LockWait},
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
