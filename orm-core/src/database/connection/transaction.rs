//! Transactions and savepoints of a connection: what opens and ends them, and what is left when one fails.

use futures_util::future::BoxFuture;

use super::{Access, Backend, Conflict, Connection, Driver, Held, Transaction};
#[cfg(feature = "sqlite")]
use crate::database::sqlite::Writes;
use crate::{
    database::{
        options::{BeginMode, Isolation},
        sandbox,
    },
    error::{Error, ErrorKind, Result},
};

impl Connection {
    /// Opens a transaction. `mode` counts on SQLite, `isolation` on the servers.
    ///
    /// # Errors
    /// When one is open already, or the database cannot (on SQLite: no lock in time).
    pub(crate) fn begin(&mut self, mode: BeginMode, isolation: Option<Isolation>) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.begin_now(mode, isolation))
    }

    async fn begin_now(&mut self, mode: BeginMode, isolation: Option<Isolation>) -> Result<()> {
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
            // The level is that of the next transaction; both go out in one message.
            #[cfg(feature = "mysql")]
            Backend::MySql => match isolation {
                None => "BEGIN",
                Some(Isolation::ReadCommitted) => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN",
                Some(Isolation::RepeatableRead) => "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; BEGIN",
                Some(Isolation::Serializable) => "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; BEGIN",
            },
        };
        let _ = (mode, isolation);
        self.send_begin(sql, &[]).await
    }

    /// Opens a transaction in which the database refuses to write. `isolation` as for [`begin`](Self::begin).
    ///
    /// # Errors
    /// As `begin`.
    pub(crate) fn begin_read_only(&mut self, isolation: Option<Isolation>) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.begin_read_only_now(isolation))
    }

    async fn begin_read_only_now(&mut self, isolation: Option<Isolation>) -> Result<()> {
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
            #[cfg(feature = "mysql")]
            Backend::MySql => match isolation {
                None => "START TRANSACTION READ ONLY",
                Some(Isolation::ReadCommitted) => {
                    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION READ ONLY"
                }
                Some(Isolation::RepeatableRead) => {
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION READ ONLY"
                }
                Some(Isolation::Serializable) => {
                    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION READ ONLY"
                }
            },
        };
        let _ = isolation;
        #[cfg(feature = "sqlite")]
        if let Some(connection) = self.sqlite() {
            connection.set_writes(Writes::Refused)?;
            self.access = Access::ReadOnly;
        }
        let in_a_sandbox: &[&'static str] = match self.backend() {
            // Until the savepoint ends.
            #[cfg(feature = "postgres")]
            Backend::Postgres => &["SET TRANSACTION READ ONLY"],
            #[cfg(any(feature = "sqlite", feature = "mysql"))]
            _ => &[],
        };
        self.send_begin(sql, in_a_sandbox).await
    }

    async fn send_begin(&mut self, sql: &'static str, in_a_sandbox: &[&'static str]) -> Result<()> {
        self.check_usable()?;
        let result = match &self.driver {
            Held::Own(_) => self.command(sql, self.limits.acquire).await,
            // The savepoint was opened when the connection was lent.
            Held::Sandbox(_) => self.frame(sql, in_a_sandbox, self.limits.answer).await,
        };
        if result.is_ok() {
            self.transaction = Transaction::Open;
            self.failure = None;
            self.begun = matches!(self.driver, Held::Own(_)).then_some(sql);
        }
        result
    }

    /// Begins the transaction again, `begun` as it was before the statement of this result, where nothing else was done in it and the
    /// statement failed for having been prepared before a table was changed. Whether it did.
    ///
    /// # Errors
    /// What the database refused.
    pub(super) async fn begins_again<T>(&mut self, begun: Option<&'static str>, result: &Result<T>) -> Result<bool> {
        let Some(sql) = begun else { return Ok(false) };
        let changed = result.as_ref().is_err_and(|error| error.kind() == ErrorKind::SchemaChanged);
        if !changed || self.transaction != Transaction::Failed {
            return Ok(false);
        }
        self.command("ROLLBACK", self.limits.answer).await?;
        self.transaction = Transaction::None;
        self.conflict = Conflict::None;
        self.send_begin(sql, &[]).await?;
        Ok(true)
    }

    /// SQLite refuses writes by connection, not by transaction: the next one may write again.
    pub(super) fn write_again(&mut self) {
        if self.access == Access::ReadWrite {
            return;
        }
        self.access = Access::ReadWrite;
        #[cfg(feature = "sqlite")]
        if self.sqlite().is_some_and(|connection| connection.set_writes(Writes::Taken).is_err()) {
            self.discard();
        }
    }

    /// Commits. A transaction that has failed before is rolled back, and that is an error.
    ///
    /// # Errors
    /// [`ErrorKind::PendingRollback`] after a failure; what a deferred constraint refused; a serialisation failure; no lock in time;
    /// [`ErrorKind::CommitUnknown`] when the connection broke before the answer came.
    pub(crate) fn commit(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.commit_now())
    }

    async fn commit_now(&mut self) -> Result<()> {
        if self.transaction == Transaction::None {
            return Ok(());
        }
        // PostgreSQL answers COMMIT with a rollback and no error then.
        self.check_usable()?;
        let result = match &self.driver {
            Held::Own(_) => self.command("COMMIT", self.limits.commit).await,
            Held::Sandbox(_) => self.frame("COMMIT", sandbox::COMMIT, self.limits.answer).await,
        };
        let result = match result {
            Err(error) if self.driver.is_lost() && matches!(self.driver, Held::Own(_)) => {
                self.conflict = Conflict::None;
                Err(commit_unknown(error))
            }
            result => result,
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
    /// [`ErrorKind::Timeout`] when the server does not answer: the connection is closed then. When the connection broke the server has
    /// rolled back, which is what was asked for.
    pub(crate) fn rollback(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.rollback_now())
    }

    async fn rollback_now(&mut self) -> Result<()> {
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
        if self.is_broken() || (self.ended_by_itself() && !self.takes_needless_rollback()) {
            self.transaction = Transaction::None;
            return Ok(());
        }
        let result = match &self.driver {
            Held::Own(_) => self.command("ROLLBACK", self.limits.answer).await,
            Held::Sandbox(_) => self.frame("ROLLBACK", &[sandbox::ROLLBACK], self.limits.answer).await,
        };
        self.transaction = Transaction::None;
        self.write_again();
        match result {
            Err(error) if error.kind() == ErrorKind::Timeout && self.is_broken() => Err(rollback_unanswered(error)),
            Err(_) if self.is_broken() && matches!(self.driver, Held::Own(_)) => Ok(()),
            result => result,
        }
    }

    /// Opens a savepoint; the name is quoted here.
    pub(crate) fn savepoint<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.savepoint_now(name))
    }

    async fn savepoint_now(&mut self, name: &str) -> Result<()> {
        self.check_usable()?;
        self.command(format!("SAVEPOINT {}", self.quoted(name)), self.limits.answer).await
    }

    /// Ends a savepoint and keeps what was done since.
    pub(crate) fn release<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.release_now(name))
    }

    async fn release_now(&mut self, name: &str) -> Result<()> {
        self.check_usable()?;
        self.command(format!("RELEASE SAVEPOINT {}", self.quoted(name)), self.limits.answer).await
    }

    /// Undoes what was done since a savepoint, which stays open; a transaction that has failed since goes on.
    pub(crate) fn rollback_to<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.rollback_to_now(name))
    }

    async fn rollback_to_now(&mut self, name: &str) -> Result<()> {
        if self.was_interrupted() || self.ended_by_itself() {
            return self.check_usable();
        }
        let rollback = format!("ROLLBACK TO SAVEPOINT {}", self.quoted(name));
        let result = self.command(rollback, self.limits.answer).await;
        if result.is_ok() {
            self.transaction = Transaction::Open;
        }
        result
    }

    /// Whether a rollback to a savepoint mends what failed since: the connection is in order, and the transaction is still open in the
    /// database.
    pub(crate) fn goes_back_to_savepoints(&mut self) -> bool {
        !self.was_interrupted() && !self.is_broken() && !self.ended_by_itself()
    }

    /// On PostgreSQL every error ends what a transaction can do; elsewhere only those after which it has rolled back.
    pub(super) fn is_failed_by_an_error(&mut self) -> bool {
        match &mut *self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(lease) => lease.get().is_none_or(|connection| !connection.in_transaction()),
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.take_refused(),
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.take_undone(),
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
            #[cfg(feature = "mysql")]
            Driver::MySql(_) => self.transaction == Transaction::Failed,
        }
    }

    /// Whether a ROLLBACK does no harm where none is open: it is sent in any case then.
    fn takes_needless_rollback(&self) -> bool {
        match &*self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => true,
            #[cfg(feature = "mysql")]
            Driver::MySql(_) => true,
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
            #[cfg(feature = "mysql")]
            Driver::MySql(_) => Transaction::None,
        }
    }
}

#[cold]
fn commit_unknown(error: Error) -> Error {
    Error::new(
        ErrorKind::CommitUnknown,
        "COMMIT was sent and the connection broke before its answer came: whether the transaction was committed is unknown. Look in the \
         database (for a key that the transaction wrote) before you do it again",
    )
    .with_source(error)
}

#[cold]
fn rollback_unanswered(error: Error) -> Error {
    Error::new(
        ErrorKind::Timeout,
        "the server did not answer ROLLBACK in time (`answer_timeout`), and the connection was closed: nothing of the transaction will be \
         committed, its locks are held until the server finds the connection closed",
    )
    .with_source(error)
}
