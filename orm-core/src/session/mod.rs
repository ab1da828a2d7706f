//! The session: one transaction at a time, one object for each key, every change written by the next flush.
//!
//! What takes `&self` only adds to what is known, and handles stay valid; what takes state away takes `&mut self` (or
//! `self`), and the compiler ends every handle there.

mod access;
mod apply;
mod attach;
mod bulk;
mod expire;
mod expunge;
mod factory;
mod get;
mod get_many;
mod hold_back;
mod info;
mod insert;
mod insert_many;
mod inspect;
mod listener;
mod load;
mod merge;
mod mock;
mod one_by_one;
mod operation;
mod plain;
mod plain_row;
mod query;
mod refresh;
mod retry;
mod running;
mod savepoint;
mod sql;
mod take_back;
mod transaction;
mod try_insert;
mod turn;
mod upsert;
mod wait;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod with_connection;
mod write;

use std::sync::{Mutex, PoisonError};

use crate::{
    database::Database,
    error::{Error, ErrorKind, Result},
    identity::IdentityMap,
};

pub use crate::flush::{Flushed, FlushedChange, FlushedObject, Written};
pub use factory::SessionFactory;
use factory::SessionOptions;
pub use get::{Get, Optional, Required};
pub use get_many::GetMany;
pub use info::Info;
use info::SessionInfo;
pub use insert::{Insert, InsertAll};
pub use inspect::{History, Inspection, ObjectState};
pub use listener::{Heard, Listener};
pub use merge::{Merge, MergeAll};
use one_by_one::Loads;
use operation::{CommitOutcome, Lane, Stale};
pub use refresh::Refresh;
pub use running::Running;
pub use savepoint::{IsCommitted, Savepoint};
pub use sql::{RawEntities, RawSql, RunSql};
pub use try_insert::TryInsert;
use turn::Turns;

/// A unit of work with a database: SQLAlchemy's `Session`.
///
/// Costs nothing until it is used: the first statement takes a connection and begins a transaction, `commit`, `rollback` and
/// `close` end it. `Send + Sync`; helpers take `&Session`. Operations that are joined on one session run one after the other.
///
/// Dropped without `commit`, everything is rolled back; unflushed work that is lost that way is a `tracing` warning.
pub struct Session {
    map: IdentityMap,
    lane: tokio::sync::Mutex<Lane>,
    turns: Turns,
    /// The first error of a failed flush: until `rollback` everything that needs the database answers with it.
    failure: Mutex<Option<String>>,
    database: Database,
    options: SessionOptions,
    /// How many savepoints are open.
    depth: u32,
    info: SessionInfo,
    loads: Loads,
}

impl Session {
    pub(crate) fn new(database: Database, options: SessionOptions) -> Self {
        Self {
            map: IdentityMap::new(),
            lane: tokio::sync::Mutex::default(),
            turns: Turns::default(),
            failure: Mutex::default(),
            database,
            options,
            depth: 0,
            info: SessionInfo::default(),
            loads: Loads::default(),
        }
    }

    /// The database that it works with.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Whether the operations of the session answer [`ErrorKind::PendingRollback`] until [`rollback`](Self::rollback): after a failed
    /// or cancelled flush or commit, and after any error that ended the transaction in the database (on PostgreSQL every refused
    /// statement does). The answer names the first error.
    #[must_use]
    pub fn needs_rollback(&self) -> bool {
        self.failure().is_some()
    }

    /// Whether something went wrong that may go well in another transaction.
    fn is_worth_retrying(&mut self) -> bool {
        let lane = self.lane.get_mut();
        if lane.last_commit == CommitOutcome::Unknown {
            return false;
        }
        lane.stale == Stale::Yes || lane.connection.as_ref().is_some_and(crate::database::Connection::is_worth_retrying)
    }

    fn failure(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_active(&self, verb: &'static str) -> Result<()> {
        match &*self.failure() {
            None => Ok(()),
            Some(first) => Err(Error::new(
                ErrorKind::PendingRollback,
                format!("the transaction must be rolled back first: `session.rollback().await?`. What went wrong in it: {first}"),
            )
            .with_verb(verb)),
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = f.debug_struct("Session");
        for store in self.map.stores() {
            fields.field(store.def().name, &store.len());
        }
        fields.finish_non_exhaustive()
    }
}
