//! A connection on loan from a [`Database`](super::Database): statements, transactions, savepoints.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Instant,
};

#[cfg(feature = "sqlite")]
use super::sqlite::Writes;
use super::{
    Backend,
    cells::Cells,
    log::Watch,
    options::{BeginMode, Isolation},
    sandbox::{self, SandboxLease},
    statement::{Sql, Statement, StatementKind},
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
}

impl Connection {
    pub(super) fn new(driver: Driver, watch: Arc<Watch>) -> Self {
        Self::held(Held::Own(driver), watch)
    }

    /// One that a sandbox lends.
    pub(super) fn of_sandbox(lease: SandboxLease, watch: Arc<Watch>) -> Self {
        Self::held(Held::Sandbox(lease), watch)
    }

    fn driver(&self) -> &Driver {
        &self.driver
    }

    fn driver_mut(&mut self) -> &mut Driver {
        &mut self.driver
    }

    fn held(driver: Held, watch: Arc<Watch>) -> Self {
        let (transaction, conflict, access) = (Transaction::None, Conflict::None, Access::ReadWrite);
        Self { driver, transaction, conflict, access, watch }
    }

    pub(crate) fn backend(&self) -> Backend {
        match &*self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => Backend::Sqlite,
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => Backend::Postgres,
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
        }
    }

    /// Whether the connection to the server broke: give it up and acquire another.
    pub(crate) fn is_broken(&self) -> bool {
        match &*self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.is_broken(),
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
        let started = self.watch.start();
        let result = match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(lease) => match lease.get() {
                Some(connection) => connection.fetch(statement, each).await,
                None => Err(closed()),
            },
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.fetch(statement, each).await,
        };
        self.finish(started, statement, result)
    }

    /// Runs a statement for its effect; gives the number of rows that it changed.
    ///
    /// # Errors
    /// What the database refused, classified.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64> {
        self.check_usable()?;
        let started = self.watch.start();
        let result = match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(lease) => match lease.get() {
                Some(connection) => connection.execute(statement).await,
                None => Err(closed()),
            },
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.execute(statement).await,
        };
        let result = self.finish(started, statement, result);
        if result.is_ok() {
            self.follow(&statement.sql);
        }
        result
    }

    /// Opens a transaction. `mode` counts on SQLite, `isolation` on PostgreSQL.
    ///
    /// # Errors
    /// When one is open already, or the database cannot (on SQLite: no lock in time).
    pub(crate) async fn begin(&mut self, mode: BeginMode, isolation: Option<Isolation>) -> Result<()> {
        if self.in_transaction() {
            return Err(Error::new(ErrorKind::State, "a transaction is open on this connection: end it first"));
        }
        let sql: &'static str = match self.backend() {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite => match mode {
                BeginMode::Deferred => "BEGIN",
                BeginMode::Immediate => "BEGIN IMMEDIATE",
            },
            #[cfg(feature = "postgres")]
            Backend::Postgres => match isolation {
                None => "BEGIN",
                Some(Isolation::ReadCommitted) => "BEGIN ISOLATION LEVEL READ COMMITTED",
                Some(Isolation::RepeatableRead) => "BEGIN ISOLATION LEVEL REPEATABLE READ",
                Some(Isolation::Serializable) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            },
        };
        let _ = (mode, isolation);
        self.send_begin(sql).await
    }

    /// Opens a transaction in which the database refuses to write. `isolation` as for [`begin`](Self::begin).
    ///
    /// # Errors
    /// As `begin`.
    pub(crate) async fn begin_read_only(&mut self, isolation: Option<Isolation>) -> Result<()> {
        let sql: &'static str = match self.backend() {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite => "BEGIN",
            #[cfg(feature = "postgres")]
            Backend::Postgres => match isolation {
                None => "BEGIN READ ONLY",
                Some(Isolation::ReadCommitted) => "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
                Some(Isolation::RepeatableRead) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                Some(Isolation::Serializable) => "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY",
            },
        };
        let _ = isolation;
        #[cfg(feature = "sqlite")]
        if let Some(connection) = self.sqlite() {
            connection.set_writes(Writes::Refused)?;
            self.access = Access::ReadOnly;
        }
        self.send_begin(sql).await
    }

    async fn send_begin(&mut self, sql: &'static str) -> Result<()> {
        self.check_usable()?;
        let result = match &self.driver {
            Held::Own(_) => self.command(sql).await,
            // The savepoint was opened when the connection was lent.
            Held::Sandbox(_) => self.frame(sql, &[]).await,
        };
        if result.is_ok() {
            self.transaction = Transaction::Open;
        }
        result
    }

    #[cfg(feature = "sqlite")]
    fn sqlite(&mut self) -> Option<&mut super::sqlite::SqliteConnection> {
        match &mut *self.driver {
            Driver::Sqlite(lease) => lease.get(),
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => None,
        }
    }

    /// SQLite refuses writes by connection, not by transaction: the next one may write again.
    fn write_again(&mut self) {
        if self.access == Access::ReadWrite {
            return;
        }
        self.access = Access::ReadWrite;
        #[cfg(feature = "sqlite")]
        if self.sqlite().is_some_and(|connection| connection.set_writes(Writes::Taken).is_err()) {
            self.discard_sqlite();
        }
    }

    /// Commits. A transaction that has failed before is rolled back, and that is an error.
    ///
    /// # Errors
    /// [`ErrorKind::PendingRollback`] after a failure; what a deferred constraint refused; a serialisation failure; no lock in time.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        if self.transaction == Transaction::None {
            return Ok(());
        }
        // PostgreSQL answers COMMIT with a rollback and no error then.
        self.check_usable()?;
        let result = match &self.driver {
            Held::Own(_) => self.command("COMMIT").await,
            Held::Sandbox(_) => self.frame("COMMIT", sandbox::COMMIT).await,
        };
        self.transaction = match &result {
            Ok(()) => Transaction::None,
            Err(_) => self.after_failed_commit(),
        };
        if self.transaction == Transaction::None {
            self.write_again();
        }
        result
    }

    /// Rolls back what is open, also after an interrupted statement. Nothing open: nothing happens.
    ///
    /// # Errors
    /// When the connection broke; the server has rolled back then.
    pub(crate) async fn rollback(&mut self) -> Result<()> {
        if self.was_interrupted() {
            let sql = match self.driver {
                Held::Own(_) => "ROLLBACK",
                Held::Sandbox(_) => sandbox::ROLLBACK,
            };
            self.settle(sql).await;
            self.transaction = Transaction::None;
            return Ok(());
        }
        if self.transaction == Transaction::None {
            return Ok(());
        }
        if self.is_broken() || self.ended_by_itself() {
            self.transaction = Transaction::None;
            return Ok(());
        }
        let result = match &self.driver {
            Held::Own(_) => self.command("ROLLBACK").await,
            Held::Sandbox(_) => self.frame("ROLLBACK", &[sandbox::ROLLBACK]).await,
        };
        self.transaction = Transaction::None;
        self.write_again();
        result
    }

    /// Opens a savepoint; the name is quoted here.
    pub(crate) async fn savepoint(&mut self, name: &str) -> Result<()> {
        self.check_usable()?;
        self.command(format!("SAVEPOINT {}", quoted(name))).await
    }

    /// Ends a savepoint and keeps what was done since.
    pub(crate) async fn release(&mut self, name: &str) -> Result<()> {
        self.check_usable()?;
        self.command(format!("RELEASE SAVEPOINT {}", quoted(name))).await
    }

    /// Undoes what was done since a savepoint, which stays open; a transaction that has failed since goes on.
    pub(crate) async fn rollback_to(&mut self, name: &str) -> Result<()> {
        if self.was_interrupted() || self.ended_by_itself() {
            return self.check_usable();
        }
        let result = self.command(format!("ROLLBACK TO SAVEPOINT {}", quoted(name))).await;
        if result.is_ok() {
            self.transaction = Transaction::Open;
        }
        result
    }

    /// The driver's connection, for code that migrates gradually; `None` on another backend, or when it was closed.
    #[cfg(feature = "postgres")]
    pub(crate) fn lend_postgres(&mut self) -> Option<super::postgres::Lent<'_>> {
        match &mut *self.driver {
            Driver::Postgres(connection) => connection.lend(),
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => None,
        }
    }

    /// What `work` does with the driver's connection; `None` on another backend.
    #[cfg(feature = "sqlite")]
    pub(crate) fn lend_sqlite<R>(&mut self, work: impl FnOnce(&rusqlite::Connection) -> R) -> Option<R> {
        self.sqlite().map(|connection| connection.lend(work))
    }

    /// Closes the connection when it is dropped, instead of giving it back.
    #[cfg(feature = "sqlite")]
    pub(super) fn discard_sqlite(&mut self) {
        match &mut *self.driver {
            Driver::Sqlite(lease) => lease.discard(),
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => {}
        }
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

    /// On PostgreSQL every error ends what a transaction can do; on SQLite only those after which it has rolled back.
    fn is_failed_by_an_error(&mut self) -> bool {
        match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(lease) => lease.get().is_none_or(|connection| !connection.in_transaction()),
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.take_refused(),
        }
    }

    /// Whether a statement outside of a transaction was refused on the connection that a sandbox lends: its own has failed then.
    pub(super) fn take_refused(&mut self) -> bool {
        match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.take_refused(),
        }
    }

    /// Whether the database has ended a failed transaction of its own accord.
    fn ended_by_itself(&mut self) -> bool {
        match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(lease) => {
                self.transaction == Transaction::Failed
                    && lease.get().is_none_or(|connection| !connection.in_transaction())
            }
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => false,
        }
    }

    fn after_failed_commit(&mut self) -> Transaction {
        match &mut *self.driver {
            // A deferred foreign key or a lock leaves it open, to be mended or rolled back.
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(lease) => {
                if lease.get().is_some_and(|connection| connection.in_transaction()) {
                    Transaction::Open
                } else {
                    Transaction::None
                }
            }
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => Transaction::None,
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
        }
    }

    /// Keeps track of a transaction that a user's own text opens or ends.
    fn follow(&mut self, sql: &str) {
        match StatementKind::of(sql) {
            StatementKind::Begin => self.transaction = Transaction::Open,
            StatementKind::Commit | StatementKind::Rollback => self.transaction = Transaction::None,
            _ => {}
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
            Self::Postgres(connection) => connection.command(&statement.sql).await,
        }
    }
}

#[cfg(feature = "sqlite")]
#[cold]
fn closed() -> Error {
    Error::new(ErrorKind::Connection, "the connection was closed")
}

/// An identifier in double quotes, as both databases take it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
