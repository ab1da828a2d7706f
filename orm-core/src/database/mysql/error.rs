//! What an error of MySQL or MariaDB means.

use sqlx::mysql::MySqlDatabaseError;

use crate::{
    database::{
        classify::{Redacted, classified, schema_changed, too_deep, unanswered, violation},
        limit::Silence,
        statement::StatementKind,
    },
    error::{Error, ErrorKind},
};

/// The server's number for an error, where the server answered.
fn number(error: &sqlx::Error) -> Option<u16> {
    match error {
        sqlx::Error::Database(error) => error.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number),
        _ => None,
    }
}

/// Whether MySQL or MariaDB said it.
pub(in crate::database) fn is_of_server(error: &sqlx::Error) -> bool {
    number(error).is_some()
}

/// Whether the connection is of no more use: the server shuts down, or ended it.
pub(super) fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(_) => number(error).is_some_and(is_end),
        sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => false,
        sqlx::Error::TypeNotFound { .. } | sqlx::Error::ColumnIndexOutOfBounds { .. } => false,
        _ => true,
    }
}

/// Whether the server hung up before it ran the statement, told by a message of its own.
pub(super) fn is_farewell(error: &sqlx::Error) -> bool {
    number(error).is_some_and(is_end)
}

/// Shutdown, killed connection, idle for too long, a packet that is too large: the server closes the connection after it.
const fn is_end(number: u16) -> bool {
    matches!(number, 1053 | 1153 | 1927 | 4031)
}

/// Whether a prepared statement is gone or no longer fits the tables: prepared anew it works.
pub(super) fn is_stale_plan(error: &sqlx::Error) -> bool {
    matches!(number(error), Some(1243 | 1615))
}

/// Whether the statement cannot be prepared, only sent as text.
pub(super) fn is_for_text_alone(error: &sqlx::Error) -> bool {
    number(error) == Some(1295)
}

/// Whether the server holds as many prepared statements as it may.
pub(super) fn is_exhausted(error: &sqlx::Error) -> bool {
    number(error) == Some(1461)
}

/// Whether the driver counted other placeholders than values. It then waits for an answer that never comes: the connection is lost.
pub(super) fn is_wrong_number(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Protocol(message) if message.starts_with("prepared statement expected"))
}

/// Whether the server has undone the whole transaction, not the statement alone.
pub(super) fn ended_the_transaction(error: &sqlx::Error, rolls_back_on_timeout: bool) -> bool {
    match number(error) {
        Some(1213 | 1020 | 3101) => true,
        Some(1205) => rolls_back_on_timeout,
        _ => is_broken(error),
    }
}

/// MariaDB says of a lock that a NOWAIT found taken what it says of one that was not free in time.
pub(super) fn classify_statement(error: sqlx::Error, sql: &str) -> Error {
    if number(&error) == Some(1205) && sql.contains(" NOWAIT") {
        return classified(ErrorKind::LockNotAvailable).with_source(error);
    }
    // What such a statement is made to fail with where another constraint than the one that decides finds a row.
    if number(&error) == Some(1242) && sql.contains(" ON DUPLICATE KEY UPDATE ") {
        return violation(ErrorKind::UniqueViolation, None, Vec::new()).with_source(error);
    }
    // All locks are held by then: only the other servers of a cluster can still refuse what was done.
    if number(&error) == Some(1213) && StatementKind::of(sql) == StatementKind::Commit {
        return classified(ErrorKind::Serialization).with_source(error);
    }
    classify(error)
}

/// Our error, with the driver's as its source.
pub(in crate::database) fn classify(error: sqlx::Error) -> Error {
    let classified = match &error {
        sqlx::Error::Database(inner) => match inner.try_downcast_ref::<MySqlDatabaseError>() {
            Some(error) => from_server(error),
            None => classified(ErrorKind::Database),
        },
        sqlx::Error::Configuration(_) => {
            Error::new(ErrorKind::Configuration, "the URL of the database cannot be understood")
        }
        error if Silence::is(error).is_some() => unanswered(),
        _ if is_wrong_number(&error) => {
            Error::new(ErrorKind::Value, "the statement has another number of placeholders than values were given")
        }
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolClosed => {
            classified(ErrorKind::Connection)
        }
        sqlx::Error::PoolTimedOut => {
            Error::new(ErrorKind::Timeout, "no connection from the pool in time: all are in use")
        }
        sqlx::Error::Encode(_) => classified(ErrorKind::Value),
        _ => classified(ErrorKind::Database),
    };
    match &error {
        sqlx::Error::Database(inner) => match inner.try_downcast_ref::<MySqlDatabaseError>().and_then(redacted) {
            Some(words) => classified.with_source(words),
            None => classified.with_source(error),
        },
        _ => classified.with_source(error),
    }
}

/// The words for errors that quote a value: `Duplicate entry '..' for key ..`, `Incorrect integer value: '..' for column ..`.
fn redacted(error: &MySqlDatabaseError) -> Option<Redacted> {
    let (start, end) = match error.number() {
        1062 | 1586 => ("entry '", "' for key"),
        1292 | 1300 | 1366 | 1411 | 1525 => (": '", "'"),
        1690 => (" in '", "'"),
        1367 => ("'", "'"),
        _ => return None,
    };
    let message = error.message();
    let (before, rest) = message.split_once(start)?;
    let after = match end {
        "'" => rest.rsplit_once("' for ").map_or("", |(_, after)| after),
        end => rest.rsplit_once(end).map_or("", |(_, after)| after),
    };
    let joint = if end == "'" { "' for " } else { end };
    let joint = if after.is_empty() { "'" } else { joint };
    Some(Redacted(format!(
        "{} ({}): {before}{start}..{joint}{after}",
        error.number(),
        error.code().unwrap_or_default()
    )))
}

fn from_server(error: &MySqlDatabaseError) -> Error {
    let message = error.message();
    match error.number() {
        1062 | 1586 | 1169 | 1022 => violation(ErrorKind::UniqueViolation, unique_key(message), Vec::new()),
        1451 | 1452 | 1216 | 1217 | 1557 | 1761 | 1762 => {
            violation(ErrorKind::ForeignKeyViolation, foreign_key(message), foreign_key_columns(message))
        }
        1048 | 1364 | 1263 => violation(ErrorKind::NotNullViolation, None, column(message)),
        3819 => violation(ErrorKind::CheckViolation, between(message, "constraint '", "'"), Vec::new()),
        // Of MySQL an error about table spaces, which has another state.
        4025 if error.code() == Some("23000") => {
            violation(ErrorKind::CheckViolation, between(message, "CONSTRAINT `", "`").map(unqualified), Vec::new())
        }
        1213 => classified(ErrorKind::Deadlock),
        // A statement that no longer fits, and a table that was rebuilt after the transaction's snapshot was taken.
        1243 | 1615 | 1412 => schema_changed(),
        // MariaDB's own kind of snapshot: the row was changed since the transaction began.
        1020 => classified(ErrorKind::Serialization),
        // Group Replication: another server of the group was first.
        3101 => classified(ErrorKind::Serialization),
        1205 => classified(ErrorKind::Timeout),
        3572 => classified(ErrorKind::LockNotAvailable),
        1792 => classified(ErrorKind::ReadOnly),
        1317 | 1969 | 3024 => {
            Error::new(ErrorKind::Timeout, "the server cancelled the statement (its time limit, or someone asked)")
        }
        1146 | 1054 | 1051 | 1109 | 1049 | 1305 => classified(ErrorKind::Schema),
        1059 => Error::new(ErrorKind::Schema, "a name is longer than the 64 characters that the server takes"),
        1044 | 1045 | 1698 | 1251 => {
            Error::new(ErrorKind::Configuration, "the server refused the database, user or password")
        }
        // Too many connections, of all or of this user.
        1040 | 1203 | 1226 => classified(ErrorKind::Connection),
        1053 | 1927 | 4031 => classified(ErrorKind::Connection),
        // A node that has lost its cluster, or is not yet part of it.
        1047 => classified(ErrorKind::Connection),
        // Out of range, cut off, of another form, of another character set, no JSON.
        1264
        | 1265
        | 1292
        | 1300
        | 1365..=1368
        | 1406
        | 1411
        | 1525
        | 1690
        | 3140
        | 3141
        | 3144
        | 3854
        | 3988
        | 4078 => classified(ErrorKind::Value),
        1461 => Error::new(
            ErrorKind::Database,
            "the server holds as many prepared statements as its `max_prepared_stmt_count` allows, of all its clients together: raise \
             that, or have fewer connections or a smaller `statement_cache_capacity`",
        ),
        1235 | 1093 => classified(ErrorKind::Unsupported),
        // The stack of the server's thread, its count of SELECTs within each other, the size of what its parser holds.
        1436 | 1473 | 3170 => too_deep(),
        _ if error.code().is_some_and(|code| code.starts_with("22")) => classified(ErrorKind::Value),
        _ => classified(ErrorKind::Database),
    }
}

fn between(text: &str, start: &str, end: &str) -> Option<String> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found.to_owned())
}

/// `table.constraint` without the table.
fn unqualified(name: String) -> String {
    match name.rsplit_once('.') {
        Some((_, name)) => name.to_owned(),
        None => name,
    }
}

/// `Duplicate entry '..' for key 'users.email'`: MySQL puts the table before it, MariaDB does not. The entry may hold anything.
fn unique_key(message: &str) -> Option<String> {
    let (_, key) = message.rsplit_once(" for key '")?;
    Some(unqualified(key.trim_end_matches('\'').to_owned()))
}

/// `.. CONSTRAINT `name` FOREIGN KEY (`a`, `b`) REFERENCES ..`.
fn foreign_key(message: &str) -> Option<String> {
    between(message, "CONSTRAINT `", "`")
}

fn foreign_key_columns(message: &str) -> Vec<String> {
    let list = between(message, "FOREIGN KEY (", ")");
    list.map(|list| list.split(", ").map(|column| column.trim_matches('`').to_owned()).collect()).unwrap_or_default()
}

/// `Column 'name' cannot be null`, `Field 'name' doesn't have a default value`.
fn column(message: &str) -> Vec<String> {
    between(message, "'", "'").into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_messages() {
        assert_eq!(unique_key("Duplicate entry 'it's' for key 'x' for key 'users.email'").as_deref(), Some("email"));
        assert_eq!(unique_key("Duplicate entry '1' for key 'PRIMARY'").as_deref(), Some("PRIMARY"));
        let message = "Cannot add or update a child row: a foreign key constraint fails (`test`.`b`, CONSTRAINT `fk_b` FOREIGN KEY \
                       (`x`, `y`) REFERENCES `a` (`x`, `y`))";
        assert_eq!(foreign_key(message).as_deref(), Some("fk_b"));
        assert_eq!(foreign_key_columns(message), ["x", "y"]);
        assert_eq!(column("Field 'name' doesn't have a default value"), ["name"]);
    }
}
