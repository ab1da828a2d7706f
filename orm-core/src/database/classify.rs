//! The messages that both backends share for what a database refused.

use crate::error::{Error, ErrorKind};

/// A constraint refused a row. Names the constraint and the columns where the database did, never the values.
pub(super) fn violation(kind: ErrorKind, constraint: Option<String>, columns: Vec<String>) -> Error {
    let what = match kind {
        ErrorKind::UniqueViolation => "a unique constraint or primary key",
        ErrorKind::ForeignKeyViolation => "a foreign key",
        ErrorKind::NotNullViolation => "a NOT NULL",
        _ => "a CHECK constraint",
    };
    let mut message = format!("{what} refused the row");
    if let Some(constraint) = &constraint {
        message.push_str(&format!(": `{constraint}`"));
    }
    if !columns.is_empty() {
        message.push_str(&format!(" ({})", columns.join(", ")));
    }
    Error::new(kind, message).with_constraint(constraint, columns)
}

/// An error of a kind that has one sentence.
pub(super) fn classified(kind: ErrorKind) -> Error {
    let message = match kind {
        ErrorKind::Serialization => "the transaction could not be serialized with another one: try it again as a whole",
        ErrorKind::Deadlock => "two transactions waited for each other: try this one again as a whole",
        ErrorKind::Connection => "the database cannot be reached, or the connection broke",
        ErrorKind::Timeout => "a lock was not free within the configured time",
        ErrorKind::LockNotAvailable => "someone else holds the lock, and the statement was not to wait",
        ErrorKind::ReadOnly => "the transaction only reads",
        ErrorKind::Schema => "a table, column or type that the statement names is not in the database",
        ErrorKind::Value => "the database refused a value",
        ErrorKind::Configuration => "the database cannot be opened as configured",
        ErrorKind::Unsupported => "the database lacks a feature that the statement uses",
        _ => "the database refused the statement",
    };
    Error::new(kind, message)
}

/// The server's words for an error, without the values that it quotes: those may be personal or secret.
#[cfg(any(feature = "postgres", feature = "mysql"))]
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Redacted(pub(super) String);

/// Conditions or subqueries inside each other, more than the database takes.
pub(super) fn too_deep() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "conditions or subqueries of the statement are nested deeper than the database takes: split it into several statements",
    )
}

/// A statement that was prepared before the tables were changed.
pub(super) fn schema_changed() -> Error {
    Error::new(
        ErrorKind::SchemaChanged,
        "a table or type was changed while the program runs, and the statement was prepared for what it was before: it is prepared anew \
         the next time; roll back, and try the transaction again as a whole (`db.transaction` does)",
    )
}

/// A server, or the network, from which nothing came.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) fn unanswered() -> Error {
    Error::new(
        ErrorKind::Timeout,
        "the server did not answer in time (`answer_timeout`, `acquire_timeout` and `commit_timeout` of `DatabaseOptions`): the connection \
         was given up",
    )
}

/// What the driver says to code of the program's own, classified like what it says to ours.
#[cfg(any(feature = "postgres", feature = "mysql"))]
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        #[cfg(feature = "mysql")]
        if !cfg!(feature = "postgres") || super::mysql::is_of_server(&error) {
            return super::mysql::classify(error);
        }
        #[cfg(feature = "postgres")]
        return super::postgres::classify(error);
        #[cfg(not(feature = "postgres"))]
        unreachable!("classified above")
    }
}
