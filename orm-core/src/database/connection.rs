//! A connection on loan from a [`Database`](super::Database): its statements, and what becomes of it when it is dropped.

mod driver;
mod framed;
mod keys;
mod outcome;
mod text;
mod transaction;

use std::{
    ops::{Deref, DerefMut},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;

use super::{
    Backend,
    capability::{Capabilities, Without},
    cells::Cells,
    definition::Spelling,
    limit::{Elapsed, Limits, within},
    log::Watch,
    polled::{Polled, watched},
    sandbox::SandboxLease,
    statement::{Author, Statement},
    traces,
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
    /// How the open transaction was begun, while nothing was done in it yet.
    begun: Option<&'static str>,
    /// The error after which the open transaction had failed.
    failure: Option<String>,
    capabilities: Capabilities,
    access: Access,
    limits: Limits,
    watch: Arc<Watch>,
    /// The polls of the session that has it on loan.
    polled: Option<Arc<Polled>>,
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
    pub(super) fn new(driver: Driver, absent: &[Without], limits: Limits, watch: Arc<Watch>) -> Self {
        let capabilities = match &driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => Capabilities::SQLITE,
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => Capabilities::POSTGRES,
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.capabilities(),
        };
        Self::held(Held::Own(driver), capabilities.without(absent), limits, watch)
    }

    /// One that a sandbox lends.
    pub(super) fn of_sandbox(lease: SandboxLease, limits: Limits, watch: Arc<Watch>) -> Self {
        let capabilities = lease.connection().capabilities;
        Self::held(Held::Sandbox(lease), capabilities, limits, watch)
    }

    fn driver(&self) -> &Driver {
        &self.driver
    }

    fn driver_mut(&mut self) -> &mut Driver {
        &mut self.driver
    }

    fn held(driver: Held, capabilities: Capabilities, limits: Limits, watch: Arc<Watch>) -> Self {
        let (transaction, conflict, access) = (Transaction::None, Conflict::None, Access::ReadWrite);
        Self {
            driver,
            transaction,
            conflict,
            begun: None,
            failure: None,
            capabilities,
            access,
            limits,
            watch,
            polled: None,
        }
    }

    /// Notes when its statements are polled, for a session whose operations wait for each other.
    pub(crate) fn watch_polls(&mut self, polled: &Arc<Polled>) {
        self.polled = Some(Arc::clone(polled));
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

    /// Runs a query and hands each row to `each` as it arrives; gives the number of rows. An error of `each` ends it.
    ///
    /// Boxed, as the other futures of a connection are: the driver's futures are then compiled once, in this crate, and not again in each
    /// crate that awaits a verb of the session; and they take no room on the stack.
    ///
    /// # Errors
    /// What the database refused, classified, or the error of `each`.
    pub(crate) fn fetch<'a>(
        &'a mut self,
        statement: &'a Statement,
        each: &'a mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            self.check_usable()?;
            let read = self.read(statement)?;
            let statement = read.as_ref().unwrap_or(statement);
            self.note_traces(statement);
            if self.needs_frame() {
                return self.framed_fetch(statement, each).await;
            }
            let begun = self.begun;
            let result = self.fetch_now(statement, each).await;
            if self.begins_again(begun, &result).await? { self.fetch_now(statement, each).await } else { result }
        })
    }

    async fn fetch_now(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        let started = self.watch.start();
        let driver: &mut Driver = &mut self.driver;
        let work = limited(self.limits.of_a_statement(), driver.fetch(statement, each));
        let result = watched(self.polled.as_ref(), pin!(work)).await;
        self.finish(started, statement, result)
    }

    /// Runs a statement for its effect; gives the number of rows that it changed.
    ///
    /// # Errors
    /// What the database refused, classified.
    pub(crate) fn execute<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            self.check_usable()?;
            let read = self.read(statement)?;
            let statement = read.as_ref().unwrap_or(statement);
            self.note_traces(statement);
            if self.needs_frame() {
                return self.framed_execute(statement).await;
            }
            let begun = self.begun;
            let result = self.execute_now(statement).await;
            if self.begins_again(begun, &result).await? { self.execute_now(statement).await } else { result }
        })
    }

    async fn execute_now(&mut self, statement: &Statement) -> Result<u64> {
        let started = self.watch.start();
        let driver: &mut Driver = &mut self.driver;
        let work = limited(self.limits.of_a_statement(), driver.execute(statement));
        let result = watched(self.polled.as_ref(), pin!(work)).await;
        self.finish(started, statement, result)
    }

    /// The driver's connection, for code that migrates gradually; `None` on another backend, or when it was closed.
    #[cfg(feature = "postgres")]
    pub(crate) fn lend_postgres(&mut self) -> Option<super::postgres::Lent<'_>> {
        self.driver.leave_traces();
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
        self.driver.leave_traces();
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

    /// What a statement of the program's own may leave on the connection is undone before others are given it.
    fn note_traces(&mut self, statement: &Statement) {
        if statement.author != Author::Library && traces::leaves_traces(self.syntax(), &statement.sql) {
            self.driver.leave_traces();
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
                if lease.get().is_some_and(|connection| connection.has_traces() || !connection.abandon_transaction()) {
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

/// What the database answers, or that it took longer than it may.
async fn limited<T>(limit: Option<Duration>, work: impl Future<Output = Result<T>>) -> Result<T> {
    let Some(limit) = limit else { return work.await };
    within(limit, work).await.unwrap_or_else(|Elapsed| {
        Err(Error::new(
            ErrorKind::Timeout,
            format!(
                "no answer within {limit:?} (`statement_timeout` and `answer_timeout`): the network or the server is silent, and what the \
                 statement did is unknown"
            ),
        ))
    })
}
