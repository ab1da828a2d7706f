//! What an error of SQLite means.

use rusqlite::ffi;

use crate::{
    database::classify::{classified, schema_changed, too_deep, violation},
    error::{Error, ErrorKind},
};

/// Why a statement did not run.
pub(crate) enum Failure {
    /// Another connection holds a lock: the same statement may run a moment later.
    Busy(rusqlite::Error),
    /// Trying again is no use.
    Final(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match code(&error) {
            // No wait helps: the snapshot that the transaction has read is past.
            Some(ffi::SQLITE_BUSY_SNAPSHOT) => Self::Final(classify(error)),
            Some(code) if matches!(code & 0xFF, ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED) => Self::Busy(error),
            _ => Self::Final(classify(error)),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

impl Failure {
    /// The error once there is no more waiting.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Busy(error) => classify(error),
            Self::Final(error) => error,
        }
    }
}

fn code(error: &rusqlite::Error) -> Option<i32> {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => Some(failure.extended_code),
        rusqlite::Error::SqlInputError { error, .. } => Some(error.extended_code),
        _ => None,
    }
}

fn message(error: &rusqlite::Error) -> &str {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message,
        rusqlite::Error::SqlInputError { msg, .. } => msg,
        _ => "",
    }
}

/// Our error, with SQLite's as its source.
pub(super) fn classify(error: rusqlite::Error) -> Error {
    let text = message(&error);
    let Some(code) = code(&error) else {
        return match &error {
            rusqlite::Error::NulError(_) => {
                Error::new(ErrorKind::Value, "a statement with a NUL character").with_source(error)
            }
            rusqlite::Error::MultipleStatement => {
                Error::new(ErrorKind::Database, "more than one statement in one text: send them one by one")
                    .with_source(error)
            }
            _ => classified(ErrorKind::Database).with_source(error),
        };
    };
    let classified = match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            let (constraint, columns) = unique_columns(text);
            violation(ErrorKind::UniqueViolation, constraint, columns)
        }
        // SQLite does not say which.
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => violation(ErrorKind::ForeignKeyViolation, None, Vec::new()),
        ffi::SQLITE_CONSTRAINT_NOTNULL => violation(ErrorKind::NotNullViolation, None, unique_columns(text).1),
        ffi::SQLITE_CONSTRAINT_CHECK => {
            let constraint = text.split_once("failed: ").map(|(_, name)| name.to_owned());
            violation(ErrorKind::CheckViolation, constraint, Vec::new())
        }
        ffi::SQLITE_BUSY_SNAPSHOT => classified(ErrorKind::Serialization),
        _ => match code & 0xFF {
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => classified(ErrorKind::Timeout),
            ffi::SQLITE_NOTADB => Error::new(ErrorKind::Configuration, "the file is not an SQLite database"),
            ffi::SQLITE_CANTOPEN => Error::new(ErrorKind::Connection, "the file of the database cannot be opened"),
            ffi::SQLITE_READONLY => classified(ErrorKind::ReadOnly),
            ffi::SQLITE_SCHEMA => schema_changed(),
            ffi::SQLITE_IOERR => classified(ErrorKind::Connection),
            ffi::SQLITE_MISMATCH | ffi::SQLITE_TOOBIG | ffi::SQLITE_RANGE | ffi::SQLITE_CONSTRAINT => {
                classified(ErrorKind::Value)
            }
            ffi::SQLITE_ERROR
                if text.starts_with("Expression tree is too large") || text == "parser stack overflow" =>
            {
                too_deep()
            }
            ffi::SQLITE_ERROR if is_missing(text) => classified(ErrorKind::Schema),
            ffi::SQLITE_ERROR if text.contains("integer overflow") || text.contains("malformed JSON") => {
                classified(ErrorKind::Value)
            }
            _ => classified(ErrorKind::Database),
        },
    };
    classified.with_source(error)
}

/// What the driver says to code of the program's own, classified like what it says to ours.
impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        classify(error)
    }
}

fn is_missing(text: &str) -> bool {
    ["no such table", "no such column", "has no column named", "no such index", "no such view"]
        .iter()
        .any(|start| text.contains(start))
}

/// `UNIQUE constraint failed: users.email, users.org`, or `..: index 'name'` for an index over expressions.
fn unique_columns(text: &str) -> (Option<String>, Vec<String>) {
    let Some((_, list)) = text.split_once("failed: ") else { return (None, Vec::new()) };
    if let Some(index) = list.strip_prefix("index '") {
        return (Some(index.trim_end_matches('\'').to_owned()), Vec::new());
    }
    let column = |name: &str| name.rsplit_once('.').map_or(name, |(_, column)| column).to_owned();
    (None, list.split(", ").map(column).collect())
}
