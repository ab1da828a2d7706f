//! The driver's own connection, inside the session's transaction: for code that migrates gradually.

#[cfg(feature = "postgres")]
use std::pin::pin;

use super::{
    Session,
    operation::{Operation, Writing},
};
#[cfg(feature = "postgres")]
use crate::database::PgConnection;
#[cfg(feature = "sqlite")]
use crate::database::RusqliteConnection;
use crate::{
    database::Backend,
    error::{Error, ErrorKind, Result},
};

/// Around what the program's own code does: it can be undone, and what that does to the transaction is found out.
const SAVEPOINT: &str = "orm_with_connection";

impl Session {
    /// Lends the driver's connection to `work`, in this session's transaction and after an autoflush: queries that were written for sqlx
    /// see what the session wrote, and are committed or rolled back with it.
    ///
    /// ```no_run
    /// # use orm_core::prelude::*;
    /// use orm_core::database::PgConnection;
    ///
    /// # async fn example(session: &Session) -> Result<(), Error> {
    /// let count: i64 = session
    ///     .with_connection(async |connection: &mut PgConnection| {
    ///         let count = sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(connection).await?;
    ///         Ok::<_, Error>(count)
    ///     })
    ///     .await?;
    /// # Ok(()) }
    /// ```
    ///
    /// Costs two statements beside those of `work`, for a savepoint around it: when `work` fails, what it did is undone and the session
    /// goes on. Objects that the session holds stay as they are: [`refresh`](Self::refresh) what `work` changed. Dropped before it
    /// is done, the session answers [`ErrorKind::PendingRollback`]. What `work` changed for the connection (roles, settings, temporary
    /// tables, advisory locks) is undone before another session is given it, in one message more, or the connection is closed.
    ///
    /// # Errors
    /// What `work` gives back (an `sqlx::Error` becomes an [`Error`] by `?`, classified like any other);
    /// [`ErrorKind::Unsupported`] on another database; [`ErrorKind::ReadOnly`] when the session only reads;
    /// [`ErrorKind::PendingRollback`] when `work` ended the transaction, which is not its to end.
    #[cfg(feature = "postgres")]
    pub async fn with_connection<R, Er, F>(&self, work: F) -> Result<R, Er>
    where
        F: AsyncFnOnce(&mut PgConnection) -> Result<R, Er>,
        Er: From<Error>,
    {
        const VERB: &str = "with_connection";
        self.check_backend(Backend::Postgres, VERB)?;
        self.check_writable(VERB)?;
        let mut operation = self.operation(VERB).await?;
        operation.begin_lending().await?;
        let lending = operation.lend();
        let result = match operation.lane.connection.as_mut().and_then(crate::database::Connection::lend_postgres) {
            Some(mut lent) => {
                let result = self.turns.polled.watch(pin!(work(lent.connection()))).await;
                lent.done();
                result
            }
            None => return Err(operation.fail(closed()).into()),
        };
        drop(lending);
        operation.end_lending(result).await
    }

    /// Lends the driver's connection to `work`, as [`with_connection`](Self::with_connection) does on PostgreSQL. `work` runs in place, on
    /// this thread.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # async fn example(session: &Session) -> Result<(), Error> {
    /// let count: i64 = session
    ///     .with_sqlite_connection(|connection| {
    ///         Ok::<_, Error>(connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?)
    ///     })
    ///     .await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As there.
    #[cfg(feature = "sqlite")]
    pub async fn with_sqlite_connection<R, Er, F>(&self, work: F) -> Result<R, Er>
    where
        F: FnOnce(&RusqliteConnection) -> Result<R, Er>,
        Er: From<Error>,
    {
        const VERB: &str = "with_sqlite_connection";
        self.check_backend(Backend::Sqlite, VERB)?;
        self.check_writable(VERB)?;
        let mut operation = self.operation(VERB).await?;
        operation.begin_lending().await?;
        let result = match &mut operation.lane.connection {
            Some(connection) => self.turns.call(|| connection.lend_sqlite(work)),
            None => None,
        };
        match result {
            Some(result) => operation.end_lending(result).await,
            None => Err(operation.fail(closed()).into()),
        }
    }

    fn check_backend(&self, wanted: Backend, verb: &'static str) -> Result<()> {
        let actual = self.database.backend();
        if actual == wanted {
            return Ok(());
        }
        let why = format!("lends a connection to {}, and this is {}", wanted.name(), actual.name());
        Err(Error::new(ErrorKind::Unsupported, why).with_verb(verb))
    }
}

impl Operation<'_> {
    async fn begin_lending(&mut self) -> Result<()> {
        self.autoflush().await?;
        self.connection().await?;
        self.change(async |connection| connection.savepoint(SAVEPOINT).await).await?;
        // Until the savepoint is released.
        self.lane.writing = Writing::UnderWay;
        Ok(())
    }

    async fn end_lending<R, Er: From<Error>>(&mut self, result: Result<R, Er>) -> Result<R, Er> {
        self.lane.writing = Writing::Idle;
        let undone = result.is_err();
        let ended = self.change(async |connection| {
            if undone {
                connection.rollback_to(SAVEPOINT).await?;
            }
            connection.release(SAVEPOINT).await
        });
        match ended.await {
            Ok(()) => result,
            Err(error) => match result {
                // Its own error says more.
                Err(error) => Err(error),
                Ok(_) => Err(ended_by_work(error).into()),
            },
        }
    }
}

fn ended_by_work(error: Error) -> Error {
    Error::new(
        ErrorKind::PendingRollback,
        "the transaction failed or ended while the connection was lent: it is the session's to end. Leave BEGIN, COMMIT and ROLLBACK \
         out (`SAVEPOINT` is allowed), give errors back, and roll the session back now",
    )
    .with_verb("with_connection")
    .with_source(error)
}

fn closed() -> Error {
    Error::new(ErrorKind::Connection, "the connection was closed")
}
