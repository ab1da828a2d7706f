//! The drivers behind a connection: the same questions to each.

use std::time::Duration;

use super::{Connection, Driver};
#[cfg(feature = "sqlite")]
use crate::error::{Error, ErrorKind};
use crate::{
    database::{cells::Cells, statement::Statement},
    error::Result,
};

impl Driver {
    /// Something of the program's may stay on the connection.
    pub(super) fn leave_traces(&mut self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(lease) => {
                if let Some(connection) = lease.get() {
                    connection.leave_traces();
                }
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.leave_traces(),
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => connection.leave_traces(),
        }
    }

    pub(super) async fn fetch(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(lease) => match lease.get() {
                Some(connection) => connection.fetch(statement, each).await,
                None => Err(closed()),
            },
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.fetch(statement, each).await,
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => connection.fetch(statement, each).await,
        }
    }

    pub(super) async fn execute(&mut self, statement: &Statement) -> Result<u64> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(lease) => match lease.get() {
                Some(connection) => connection.execute(statement).await,
                None => Err(closed()),
            },
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.execute(statement).await,
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => connection.execute(statement).await,
        }
    }

    /// Sends what has no values and no rows. `limit` counts on the servers: SQLite is in the process.
    pub(super) async fn command(&mut self, statement: &Statement, limit: Option<Duration>) -> Result<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(lease) => {
                let _ = limit;
                match lease.get() {
                    Some(connection) => connection.execute(statement).await.map(drop),
                    None => Err(closed()),
                }
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.command(statement, limit).await,
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => connection.command(statement, limit).await,
        }
    }

    fn was_interrupted(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.was_interrupted(),
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => connection.was_interrupted(),
        }
    }

    fn is_broken(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.is_broken(),
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => connection.is_broken(),
        }
    }

    /// Whether it broke without a last word of the server, so that what was sent last may have been done.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.is_lost(),
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => connection.is_lost(),
        }
    }

    /// Ends an interrupted statement, and rolls back as `sql` says.
    pub(super) async fn settle(&mut self, sql: &'static str, limit: Duration) {
        let _ = (sql, limit);
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.settle(sql, limit).await,
            // It is closed, and the server rolls back.
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => connection.settle().await,
        }
    }
}

impl Connection {
    /// Whether the future of an earlier statement was dropped in the middle. What the statement did is then unknown, and all but
    /// [`rollback`](Self::rollback) is refused. Never so on SQLite, where a statement runs to its end once it runs.
    pub(crate) fn was_interrupted(&self) -> bool {
        self.driver.was_interrupted()
    }

    /// Whether the connection to the server broke: give it up and acquire another.
    pub(crate) fn is_broken(&self) -> bool {
        self.driver.is_broken()
    }
}

#[cfg(feature = "sqlite")]
#[cold]
fn closed() -> Error {
    Error::new(ErrorKind::Connection, "the connection was closed")
}
