//! A connection on loan from a [`Database`](super::Database): its statements, and what becomes of it when it is dropped.

mod framed;
mod keys;
mod text;
mod transaction;

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Instant,
};

use super::{
    Backend,
    capability::{Capabilities, Without},
    cells::Cells,
    definition::Spelling,
    log::Watch,
    sandbox::SandboxLease,
    statement::{Sql, Statement},
};
use crate::error::{Error, ErrorKind, Result};

/// Where a connection stands with respect to a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transaction {
    None,
    Open,
    /// The database will take no more statements, or has rolled back of its own: only `rollback` (to a savepoint) helps.
    Failed,
}

/// Dropped, it returns to its pool; with a transaction open, that is rolled back first, and cut off in the middle of a statement
/// the connection is closed instead.
#[derive(Debug)]
pub(crate) struct Connection {
    driver: Held,
    transaction: Transaction,
    conflict: Conflict,
    capabilities: Capabilities,
    access: Access,
    watch: Arc<Watch>,
}

/// Whether the open transaction may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    ReadWrite,
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "the transaction itself says so elsewhere"))]
    ReadOnly,
}

/// Whether the database refused anything that it may take in another transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conflict {
    None,
    Met,
}

/// Whose connection it is.
#[derive(Debug)]
enum Held {
    Own(Driver),
    /// Of a sandbox, whose transaction stays open: what is a transaction elsewhere is a savepoint in it.
    Sandbox(SandboxLease),
}

impl Deref for Held {
    type Target = Driver;

    fn deref(&self) -> &Driver {
        match self {
            Self::Own(driver) => driver,
            Self::Sandbox(lease) => lease.connection().driver(),
        }
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Driver {
        match self {
            Self::Own(driver) => driver,
            Self::Sandbox(lease) => lease.connection_mut().driver_mut(),
        }
    }
}

#[derive(Debug)]
pub(super) enum Driver {
    #[cfg(feature = "sqlite")]
    Sqlite(super::pool::Lease<super::sqlite::SqliteConnection>),
    #[cfg(feature = "postgres")]
    Postgres(super::postgres::PostgresConnection),
    #[cfg(feature = "mysql")]
    MySql(super::mysql::MySqlConnection),
}

impl Connection {
    pub(super) fn new(driver: Driver, absent: &[Without], watch: Arc<Watch>) -> Self {
        let capabilities = match &driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => Capabilities::SQLITE,
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => Capabilities::POSTGRES,
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.capabilities(),
        };
        Self::held(Held::Own(driver), capabilities.without(absent), watch)
    }

    /// One that a sandbox lends.
    pub(super) fn of_sandbox(lease: SandboxLease, watch: Arc<Watch>) -> Self {
        let capabilities = lease.connection().capabilities;
        Self::held(Held::Sandbox(lease), capabilities, watch)
    }

    fn driver(&self) -> &Driver {
        &self.driver
    }

    fn driver_mut(&mut self) -> &mut Driver {
        &mut self.driver
    }

    fn held(driver: Held, capabilities: Capabilities, watch: Arc<Watch>) -> Self {
        let (transaction, conflict, access) = (Transaction::None, Conflict::None, Access::ReadWrite);
        Self { driver, transaction, conflict, capabilities, access, watch }
    }

    /// What the server can do.
    pub(crate) fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    pub(crate) fn backend(&self) -> Backend {
        match &*self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => Backend::Sqlite,
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => Backend::Postgres,
            #[cfg(feature = "mysql")]
            Driver::MySql(_) => Backend::MySql,
        }
    }

    /// Whether a transaction is open, one that has failed included.
    pub(crate) fn in_transaction(&self) -> bool {
        self.transaction != Transaction::None
    }

    /// Whether the transaction could not be serialised with another, or was the victim of a deadlock: all of it may go well when it is
    /// done again.
    pub(crate) fn is_worth_retrying(&self) -> bool {
        self.conflict == Conflict::Met
    }

    /// Whether the future of an earlier statement was dropped in the middle. What the statement did is then unknown, and all but
    /// [`rollback`](Self::rollback) is refused. Never so on SQLite, where a statement runs to its end once it runs.
    pub(crate) fn was_interrupted(&self) -> bool {
        match &*self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.was_interrupted(),
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.was_interrupted(),
        }
    }

    /// Whether the connection to the server broke: give it up and acquire another.
    pub(crate) fn is_broken(&self) -> bool {
        match &*self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.is_broken(),
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.is_broken(),
        }
    }

    /// Runs a query and hands each row to `each` as it arrives; gives the number of rows. An error of `each` ends it.
    ///
    /// # Errors
    /// What the database refused, classified, or the error of `each`.
    pub(crate) async fn fetch(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        self.check_usable()?;
        let read = self.read(statement)?;
        let statement = read.as_ref().unwrap_or(statement);
        if self.needs_frame() {
            self.framed_fetch(statement, each).await
        } else {
            self.fetch_now(statement, each).await
        }
    }

    async fn fetch_now(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        let started = self.watch.start();
        let result = match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(lease) => match lease.get() {
                Some(connection) => connection.fetch(statement, each).await,
                None => Err(closed()),
            },
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.fetch(statement, each).await,
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.fetch(statement, each).await,
        };
        self.finish(started, statement, result)
    }

    /// Runs a statement for its effect; gives the number of rows that it changed.
    ///
    /// # Errors
    /// What the database refused, classified.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64> {
        self.check_usable()?;
        let read = self.read(statement)?;
        let statement = read.as_ref().unwrap_or(statement);
        if self.needs_frame() { self.framed_execute(statement).await } else { self.execute_now(statement).await }
    }

    async fn execute_now(&mut self, statement: &Statement) -> Result<u64> {
        let started = self.watch.start();
        let result = match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(lease) => match lease.get() {
                Some(connection) => connection.execute(statement).await,
                None => Err(closed()),
            },
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.execute(statement).await,
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.execute(statement).await,
        };
        self.finish(started, statement, result)
    }

    /// The driver's connection, for code that migrates gradually; `None` on another backend, or when it was closed.
    #[cfg(feature = "postgres")]
    pub(crate) fn lend_postgres(&mut self) -> Option<super::postgres::Lent<'_>> {
        match &mut *self.driver {
            Driver::Postgres(connection) => connection.lend(),
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => None,
            #[cfg(feature = "mysql")]
            Driver::MySql(_) => None,
        }
    }

    /// What `work` does with the driver's connection; `None` on another backend.
    #[cfg(feature = "sqlite")]
    pub(crate) fn lend_sqlite<R>(&mut self, work: impl FnOnce(&rusqlite::Connection) -> R) -> Option<R> {
        self.sqlite().map(|connection| connection.lend(work))
    }

    #[cfg(feature = "sqlite")]
    fn sqlite(&mut self) -> Option<&mut super::sqlite::SqliteConnection> {
        match &mut *self.driver {
            Driver::Sqlite(lease) => lease.get(),
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => None,
            #[cfg(feature = "mysql")]
            Driver::MySql(_) => None,
        }
    }

    /// Closes the connection when it is dropped, instead of giving it back.
    #[cfg(any(feature = "sqlite", feature = "mysql"))]
    pub(super) fn discard(&mut self) {
        match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(lease) => lease.discard(),
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => {}
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.discard(),
        }
    }

    /// How definitions are written for this server.
    pub(super) fn spelling(&self) -> Spelling {
        match &*self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => Spelling::Sqlite,
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => Spelling::Postgres,
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => Spelling::MySql { collation: connection.server().text_collation() },
        }
    }

    fn quoted(&self, name: &str) -> String {
        self.spelling().quoted(name)
    }

    /// Sends a statement without values or rows.
    async fn command(&mut self, sql: impl Into<Sql>) -> Result<()> {
        let statement = Statement::text(sql);
        let started = self.watch.start();
        let result = self.driver.command(&statement).await.map(|()| 0);
        self.finish(started, &statement, result).map(drop)
    }

    /// What opens or ends a transaction elsewhere, as a sandbox sends it. Logged as what was asked for.
    async fn frame(&mut self, sql: &'static str, sent: &[&'static str]) -> Result<()> {
        let started = self.watch.start();
        let mut result = Ok(0);
        for sql in sent {
            result = self.driver.command(&Statement::text(*sql)).await.map(|()| 0);
            if result.is_err() {
                break;
            }
        }
        self.finish(started, &Statement::text(sql), result).map(drop)
    }

    /// Sends what a sandbox needs between two loans. Not logged.
    pub(super) async fn between_loans(&mut self, sql: &'static str) -> Result<()> {
        if self.was_interrupted() {
            self.settle(sql).await;
            return if self.is_broken() { Err(self.unusable()) } else { Ok(()) };
        }
        self.driver.command(&Statement::text(sql)).await
    }

    #[inline]
    fn finish(&mut self, started: Option<Instant>, statement: &Statement, result: Result<u64>) -> Result<u64> {
        if let Some(started) = started {
            self.watch.finish(started, statement, result.as_ref().ok().copied());
        }
        let again = |error: &Error| matches!(error.kind(), ErrorKind::Serialization | ErrorKind::Deadlock);
        if result.as_ref().is_err_and(again) {
            self.conflict = Conflict::Met;
        }
        if result.is_err() && self.transaction == Transaction::Open && self.is_failed_by_an_error() {
            self.transaction = Transaction::Failed;
        }
        result
    }

    /// Whether a statement outside of a transaction was refused on the connection that a sandbox lends: its own has failed then.
    pub(super) fn take_refused(&mut self) -> bool {
        match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.take_refused(),
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.take_undone(),
        }
    }

    async fn settle(&mut self, sql: &'static str) {
        match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => {
                let _ = sql;
            }
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.settle(sql).await,
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => {
                // It is closed, and the server rolls back.
                let _ = sql;
                connection.settle().await;
            }
        }
    }

    #[inline]
    fn check_usable(&self) -> Result<()> {
        if self.transaction == Transaction::Failed || self.was_interrupted() {
            return Err(self.unusable());
        }
        Ok(())
    }

    #[cold]
    fn unusable(&self) -> Error {
        Error::new(
            ErrorKind::PendingRollback,
            if self.was_interrupted() {
                "a statement was cancelled in the middle, nobody knows what it did: roll back first"
            } else {
                "the transaction failed before, nothing of it will be kept: roll back first"
            },
        )
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.write_again();
        let open = self.transaction != Transaction::None || self.was_interrupted();
        match &mut self.driver {
            Held::Sandbox(lease) => {
                if !open {
                    lease.keep();
                }
            }
            #[cfg(feature = "sqlite")]
            Held::Own(Driver::Sqlite(lease)) => {
                if lease.get().is_some_and(|connection| !connection.abandon_transaction()) {
                    lease.discard();
                }
            }
            #[cfg(feature = "postgres")]
            // Interrupted, it may be in the middle of BEGIN.
            Held::Own(Driver::Postgres(connection)) => {
                if open {
                    connection.abandon_transaction();
                }
            }
            #[cfg(feature = "mysql")]
            Held::Own(Driver::MySql(connection)) => {
                if open {
                    connection.abandon_transaction();
                }
            }
        }
    }
}

impl Driver {
    async fn command(&mut self, statement: &Statement) -> Result<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(lease) => match lease.get() {
                Some(connection) => connection.execute(statement).await.map(drop),
                None => Err(closed()),
            },
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.command(statement).await,
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => connection.command(statement).await,
        }
    }
}

#[cfg(feature = "sqlite")]
#[cold]
fn closed() -> Error {
    Error::new(ErrorKind::Connection, "the connection was closed")
}
