//! What an error leaves behind on a connection: whether its transaction goes on, and whether another one may go well.

use std::{pin::pin, time::Duration, time::Instant};

use super::{Conflict, Connection, Driver, Transaction};
use crate::{
    database::{
        polled::watched,
        statement::{Sql, Statement},
    },
    error::{Error, ErrorKind, Result},
};

impl Connection {
    /// Whether the transaction could not be serialised with another, was the victim of a deadlock, or met tables that were changed: all
    /// of it may go well when it is done again.
    pub(crate) fn is_worth_retrying(&self) -> bool {
        self.conflict == Conflict::Met
    }

    /// The first error after which only a rollback helps, if there was one.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref().filter(|_| self.transaction == Transaction::Failed || self.was_interrupted())
    }

    /// Sends a statement without values or rows.
    pub(super) async fn command(&mut self, sql: impl Into<Sql>, limit: impl Into<Option<Duration>>) -> Result<()> {
        let (statement, limit) = (Statement::text(sql), limit.into());
        let started = self.watch.start();
        let driver: &mut Driver = &mut self.driver;
        let result = watched(self.polled.as_ref(), pin!(driver.command(&statement, limit))).await.map(|()| 0);
        self.finish(started, &statement, result).map(drop)
    }

    /// What opens or ends a transaction elsewhere, as a sandbox sends it. Logged as what was asked for.
    pub(super) async fn frame(&mut self, sql: &'static str, sent: &[&'static str], limit: Duration) -> Result<()> {
        let started = self.watch.start();
        let mut result = Ok(0);
        for sql in sent {
            let statement = Statement::text(*sql);
            let driver: &mut Driver = &mut self.driver;
            result = watched(self.polled.as_ref(), pin!(driver.command(&statement, Some(limit)))).await.map(|()| 0);
            if result.is_err() {
                break;
            }
        }
        self.finish(started, &Statement::text(sql), result).map(drop)
    }

    /// Sends what a sandbox needs between two loans. Not logged.
    pub(in crate::database) async fn between_loans(&mut self, sql: &'static str) -> Result<()> {
        if self.was_interrupted() {
            self.settle(sql).await;
            return if self.is_broken() { Err(self.unusable()) } else { Ok(()) };
        }
        self.driver.command(&Statement::text(sql), Some(self.limits.answer)).await
    }

    pub(super) async fn settle(&mut self, sql: &'static str) {
        let limit = self.limits.of_an_abandoned_transaction();
        let driver: &mut Driver = &mut self.driver;
        watched(self.polled.as_ref(), pin!(driver.settle(sql, limit))).await;
    }

    #[inline]
    pub(super) fn finish(
        &mut self,
        started: Option<Instant>,
        statement: &Statement,
        result: Result<u64>,
    ) -> Result<u64> {
        if let Some(started) = started {
            self.watch.finish(started, statement, result.as_ref().ok().copied());
        }
        self.begun = None;
        if let Err(error) = &result {
            self.note(error);
        }
        result
    }

    #[cold]
    fn note(&mut self, error: &Error) {
        if matches!(error.kind(), ErrorKind::Serialization | ErrorKind::Deadlock | ErrorKind::SchemaChanged) {
            self.conflict = Conflict::Met;
        }
        if self.transaction == Transaction::Open && self.is_failed_by_an_error() {
            self.transaction = Transaction::Failed;
            self.failure = Some(error.to_string());
        } else if self.was_interrupted() {
            self.failure.get_or_insert_with(|| error.to_string());
        }
    }

    /// Whether a statement outside of a transaction was refused on the connection that a sandbox lends: its own has failed then.
    pub(in crate::database) fn take_refused(&mut self) -> bool {
        match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.take_refused(),
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.take_undone(),
        }
    }

    #[inline]
    pub(super) fn check_usable(&self) -> Result<()> {
        if self.transaction == Transaction::Failed || self.was_interrupted() {
            return Err(self.unusable());
        }
        Ok(())
    }

    #[cold]
    fn unusable(&self) -> Error {
        let mut why = if self.was_interrupted() {
            "a statement was cancelled in the middle, nobody knows what it did: roll back first".to_owned()
        } else {
            "the transaction failed before, nothing of it will be kept: roll back first".to_owned()
        };
        if let Some(first) = self.failure() {
            why.push_str(". What went wrong in it: ");
            why.push_str(first);
        }
        Error::new(ErrorKind::PendingRollback, why)
    }
}
