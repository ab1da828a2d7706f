//! What an error of PostgreSQL means.

use sqlx::postgres::PgDatabaseError;

use crate::{
    database::{
        classify::{Redacted, classified, too_deep, unanswered, violation},
        limit::Silence,
    },
    error::{Error, ErrorKind},
};

/// The SQLSTATE, where the server answered.
pub(super) fn code(error: &sqlx::Error) -> Option<&str> {
    match error {
        sqlx::Error::Database(error) => error.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::code),
        _ => None,
    }
}

/// "bind message supplies 1 parameters, but prepared statement requires 2": of the class of broken connections, which it is not.
const WRONG_NUMBER_OF_VALUES: &str = "08P01";

/// Where the server gives up after `lock_timeout`. A NOWAIT that found a lock has the same SQLSTATE from elsewhere; the messages are
/// translated.
const LOCK_TIMEOUT_ROUTINE: &str = "ProcessInterrupts";

/// Whether the connection is of no more use.
pub(super) fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(_) => code(error).is_some_and(|code| {
            is_farewell(error) || code.starts_with("57P") || (code.starts_with("08") && code != WRONG_NUMBER_OF_VALUES)
        }),
        sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => false,
        sqlx::Error::TypeNotFound { .. } | sqlx::Error::ColumnIndexOutOfBounds { .. } => false,
        _ => true,
    }
}

/// Whether the server hung up before it ran the statement, told by a message of its own.
pub(super) fn is_farewell(error: &sqlx::Error) -> bool {
    matches!(code(error), Some("57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04"))
}

/// An answer that is no fault of the statement, but of how it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The server does not know the prepared statement that it is to run.
    Forgotten,
    /// It runs outside of transactions alone: VACUUM and its like.
    InTransaction,
}

impl Refusal {
    pub(super) fn of(error: &sqlx::Error) -> Option<Self> {
        match code(error) {
            Some("26000") => Some(Self::Forgotten),
            Some("25001") => Some(Self::InTransaction),
            _ => None,
        }
    }
}

/// Our error, with the driver's as its source.
pub(in crate::database) fn classify(error: sqlx::Error) -> Error {
    let classified = match &error {
        sqlx::Error::Database(inner) => match inner.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => from_server(error),
            None => classified(ErrorKind::Database),
        },
        sqlx::Error::Configuration(_) => {
            Error::new(ErrorKind::Configuration, "the URL of the database cannot be understood")
        }
        error if Silence::is(error).is_some() => unanswered(),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolClosed => {
            classified(ErrorKind::Connection)
        }
        sqlx::Error::PoolTimedOut => {
            Error::new(ErrorKind::Timeout, "no connection from the pool in time: all are in use")
        }
        sqlx::Error::TypeNotFound { .. } => classified(ErrorKind::Schema),
        sqlx::Error::Encode(_) => classified(ErrorKind::Value),
        _ => classified(ErrorKind::Database),
    };
    match &error {
        sqlx::Error::Database(inner) => match inner.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => classified.with_source(redacted(error)),
            None => classified.with_source(error),
        },
        _ => classified.with_source(error),
    }
}

/// The server's words without its detail and context, which hold keys and whole rows, and without the values that a message quotes.
pub(super) fn redacted(error: &PgDatabaseError) -> Redacted {
    let (code, message) = (error.code(), error.message());
    // Class 22, data exceptions: `invalid input syntax for type integer: "..."`.
    let message = match (code.starts_with("22"), message.find('"'), message.rfind('"')) {
        (true, Some(first), Some(last)) if first < last => format!("{}..{}", &message[..=first], &message[last..]),
        _ => message.to_owned(),
    };
    Redacted(format!("{code}: {message}"))
}

fn from_server(error: &PgDatabaseError) -> Error {
    let code = error.code();
    let constraint = || error.constraint().map(str::to_owned);
    match code {
        "23505" | "23P01" => violation(ErrorKind::UniqueViolation, constraint(), key_columns(error)),
        "23503" | "23001" => violation(ErrorKind::ForeignKeyViolation, constraint(), key_columns(error)),
        "23502" => {
            violation(ErrorKind::NotNullViolation, None, error.column().map(str::to_owned).into_iter().collect())
        }
        "23514" => violation(ErrorKind::CheckViolation, constraint(), Vec::new()),
        "40001" => classified(ErrorKind::Serialization),
        "40P01" => classified(ErrorKind::Deadlock),
        // A lock, a statement or an idle transaction that took longer than the server was told to allow.
        "55P03" if error.routine() == Some(LOCK_TIMEOUT_ROUTINE) => classified(ErrorKind::Timeout),
        "55P03" => classified(ErrorKind::LockNotAvailable),
        "25006" => classified(ErrorKind::ReadOnly),
        "57014" => {
            Error::new(ErrorKind::Timeout, "the server cancelled the statement (`statement_timeout`, or someone asked)")
        }
        "42P01" | "42703" | "42704" | "3F000" | "42P10" => classified(ErrorKind::Schema),
        "25P02" => Error::new(ErrorKind::PendingRollback, "the transaction failed before: roll back first"),
        "0A000" => classified(ErrorKind::Unsupported),
        // The stack of the server, or a limit of its planner.
        "54001" => too_deep(),
        "3D000" | "28P01" | "28000" => {
            Error::new(ErrorKind::Configuration, "the server refused the database, user or password")
        }
        "53300" | "25P03" | "25P04" => classified(ErrorKind::Connection),
        // PgBouncer's, which has no SQLSTATE of its own; and the names that it gave to others.
        WRONG_NUMBER_OF_VALUES if error.message().contains("startup parameter") => behind_a_pooler(),
        "42P05" => behind_a_pooler(),
        WRONG_NUMBER_OF_VALUES => {
            Error::new(ErrorKind::Value, "the statement has another number of placeholders than values were given")
        }
        _ if code.starts_with("22") => classified(ErrorKind::Value),
        _ if code.starts_with("08") || code.starts_with("57P") => classified(ErrorKind::Connection),
        _ => classified(ErrorKind::Database),
    }
}

#[cold]
fn behind_a_pooler() -> Error {
    Error::new(
        ErrorKind::Configuration,
        "a pooler that gives each transaction another connection is in between: say so by `?transaction_pooler=true` in the URL or \
         `DatabaseOptions::transaction_pooler`",
    )
}

/// The columns of `Key (org_id, email)=(7, x@y) already exists.`: what stands in the first brackets, never the second.
fn key_columns(error: &PgDatabaseError) -> Vec<String> {
    let list = error.detail().and_then(|detail| detail.split_once("Key (")?.1.split_once(")=(")).map(|(list, _)| list);
    list.map(|list| list.split(", ").map(|column| column.trim_matches('"').to_owned()).collect()).unwrap_or_default()
}
