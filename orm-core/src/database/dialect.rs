//! What a backend can do, and how sea-query's statements become text for it.

#![cfg_attr(
    not(all(feature = "sqlite", feature = "postgres")),
    allow(unused, reason = "some of it is for the backend that is not in this build")
)]

use sea_query::{QueryStatementWriter, Values};

use super::{Backend, statement::Statement};

/// How a set of values is passed to one statement of fixed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetBinding {
    /// One array a column: `unnest($1::bigint[], $2::text[])`, `= ANY($1)`.
    Array,
    /// One JSON text: `json_each(?)`.
    Json,
}

/// The capabilities of a backend.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// The most values that one statement binds.
    pub(crate) max_bind_values: usize,
    pub(crate) set_binding: SetBinding,
    /// What `FOR UPDATE` and its like are: clauses, or nothing because a writer has the database for itself.
    pub(crate) row_locks: RowLocks,
    /// The most bytes of an identifier; the server cuts longer ones.
    pub(crate) max_identifier: usize,
}

/// Whether a query can lock its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowLocks {
    Clauses,
    None,
}

#[cfg(feature = "sqlite")]
static SQLITE: Dialect = Dialect {
    max_bind_values: 32_766,
    set_binding: SetBinding::Json,
    row_locks: RowLocks::None,
    max_identifier: usize::MAX,
};

#[cfg(feature = "postgres")]
static POSTGRES: Dialect = Dialect {
    max_bind_values: 65_535,
    set_binding: SetBinding::Array,
    row_locks: RowLocks::Clauses,
    max_identifier: 63,
};

impl Backend {
    /// What it can do. All of them have RETURNING, savepoints, ON CONFLICT, window functions and WITH.
    pub(crate) fn dialect(self) -> &'static Dialect {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => &SQLITE,
            #[cfg(feature = "postgres")]
            Self::Postgres => &POSTGRES,
        }
    }

    /// A statement of sea-query (select, insert, update, delete, with) as text and values.
    pub(crate) fn render(self, statement: &impl QueryStatementWriter) -> Statement {
        let (sql, Values(values)) = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => statement.build(sea_query::SqliteQueryBuilder),
            #[cfg(feature = "postgres")]
            Self::Postgres => statement.build(sea_query::PostgresQueryBuilder),
        };
        Statement::new(sql, values)
    }
}
