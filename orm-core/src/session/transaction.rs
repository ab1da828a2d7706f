//! Ending the transaction: commit in its three forms, rollback, close, drop.

use super::{
    Session,
    factory::OnCommit,
    operation::{Committed, Ended, Writing},
};
use crate::error::{Result, StateCause};

impl Session {
    /// Flushes and commits. Every handle ends here, at compile time; every attribute is expired, so that the next `get` of a key
    /// reads the row again. Keys ([`Key::of`](crate::entity::Key::of)) and detached values survive.
    ///
    /// A session that was not used sends nothing.
    ///
    /// # Errors
    /// As [`flush`](Self::flush), and what the database refused at the end (a deferred constraint, a serialisation failure): the session then
    /// answers [`ErrorKind::PendingRollback`](crate::error::ErrorKind::PendingRollback) until it is rolled back.
    /// [`ErrorKind::CommitUnknown`](crate::error::ErrorKind::CommitUnknown) when the connection broke after COMMIT was sent, and nobody can
    /// say whether the transaction was committed: roll back, and read what it wrote before you do it again.
    pub async fn commit(&mut self) -> Result<()> {
        let committed = self.operation("commit").await?.commit().await?;
        match self.options.on_commit {
            OnCommit::Expire => self.map.expire_all(StateCause::Commit),
            OnCommit::Keep => self.map.settle(),
        }
        self.tell_of(committed);
        Ok(())
    }

    /// Flushes and commits, and keeps every handle and value. SQLAlchemy's `expire_on_commit=False`.
    ///
    /// The values are past from then on: a row that arrives in the next transaction overwrites those that are unmodified. Nothing is
    /// freed: a worker that only ever keeps must say [`commit_and_clear`](Self::commit_and_clear) now and then.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub async fn commit_keeping(&self) -> Result<()> {
        let mut operation = self.operation("commit_keeping").await?;
        let committed = operation.commit().await?;
        self.map.settle_shared();
        // A listener finds the session between two operations, as after `commit`.
        drop(operation);
        self.tell_of(committed);
        Ok(())
    }

    fn tell_of(&self, committed: Committed) {
        if committed == Committed::Transaction {
            self.after_commit();
        }
    }

    /// Flushes, commits and lets go of everything: the session is as new.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub async fn commit_and_clear(&mut self) -> Result<()> {
        let committed = self.operation("commit_and_clear").await?.commit().await?;
        self.map.clear();
        self.tell_of(committed);
        Ok(())
    }

    /// Rolls back. Every handle ends here, at compile time; objects that were added go, objects that were deleted are back, and every
    /// attribute is expired. With no transaction begun, pending objects and unflushed changes go and nothing else is expired.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`](crate::error::ErrorKind::Timeout) when the server does not answer within
    /// [`answer_timeout`](crate::database::DatabaseOptions::answer_timeout): the connection is closed, nothing is committed, and the session is
    /// usable again all the same. Where the connection broke before, the database has rolled back, which is no error.
    pub async fn rollback(&mut self) -> Result<()> {
        if self.turns.is_taken() {
            // By an operation that was leaked: its turn and its lock are gone for good.
            self.turns.reset();
            let lane = std::mem::take(self.lane.get_mut());
            self.lane = tokio::sync::Mutex::new(lane);
        }
        let lane = self.lane.get_mut();
        let begun = lane.connection.as_ref().is_some_and(crate::database::Connection::in_transaction)
            || lane.ended == Ended::ByCommit;
        lane.ended = Ended::No;
        lane.writing = Writing::Idle;
        lane.undo = None;
        self.depth = 0;
        let connection = lane.connection.take();
        *self.failure() = None;
        // Memory first: whatever becomes of the connection, and of this future, the transaction is not committed.
        if begun {
            self.map.roll_back();
            self.after_rollback();
        } else {
            self.map.discard_unflushed();
        }
        let result = match connection {
            Some(mut connection) => connection.rollback().await,
            None => Ok(()),
        };
        result.map_err(|error| error.with_verb("rollback"))
    }

    /// Rolls back and lets go of every object: the session is as new, with the options and the [`info`](Self::info) that it had.
    /// Every handle ends here, at compile time. SQLAlchemy's `reset`, and its `close`, which begins anew as well; here
    /// [`close`](Self::close) is the end.
    ///
    /// # Errors
    /// As [`rollback`](Self::rollback); the session is as new all the same.
    pub async fn reset(&mut self) -> Result<()> {
        self.warn_of_unflushed();
        let result = self.rollback().await;
        self.map.clear();
        result.map_err(|error| error.with_verb("reset"))
    }

    /// Ends the session: what was not committed is rolled back, the connection returns to the pool. Every handle ends here.
    ///
    /// # Errors
    /// As [`rollback`](Self::rollback).
    pub async fn close(mut self) -> Result<()> {
        self.warn_of_unflushed();
        self.rollback().await
    }

    fn warn_of_unflushed(&mut self) {
        let lost = self.map.describe_unflushed();
        if !lost.is_empty() {
            tracing::warn!(target: "orm::session", %lost, "a session ended with unflushed work, which is lost");
        }
    }
}

impl Drop for Session {
    /// Rolls back (the connection does, on its way to the pool) and warns of unflushed work.
    fn drop(&mut self) {
        self.warn_of_unflushed();
    }
}
