//! Which server answers, and what it can do.

use futures_util::TryStreamExt as _;
use sqlx::{Executor as _, Row as _, mysql::MySqlRow};

use super::types;
use crate::{
    database::capability::{Capabilities, GeneratedKeys, Without},
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    lexer::{Backslash, DoubleQuotes, Syntax},
};

/// Before it CHECK constraints count for nothing, and there is no WITH and no window function.
const OLDEST_MYSQL: (u16, u16) = (8, 0);

/// Before it there is no RETURNING.
const OLDEST_MARIADB: (u16, u16) = (10, 5);

/// What a connection says of its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::database) struct Server {
    family: Family,
    version: (u16, u16),
    /// By how much the generated keys of one statement differ: a cluster's server changes it as nodes come and go.
    step: u64,
    /// A lock that was not free in time undoes the whole transaction, not the statement alone.
    pub(in crate::database) rolls_back_on_timeout: bool,
    /// How it reads a text.
    syntax: Syntax,
    /// How many bytes it takes in one packet.
    pub(super) packet: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    MySql,
    MariaDb,
}

const QUESTION: &str = "SELECT VERSION(), CAST(@@auto_increment_increment AS CHAR), CAST(@@innodb_rollback_on_timeout AS CHAR), \
                        CAST(@@sql_mode AS CHAR), CAST(NULL AS DATE), CAST(NULL AS DATETIME(6)), CAST(NULL AS DECIMAL(65, 30)), \
                        CAST(@@max_allowed_packet AS CHAR)";

/// By how much the generated keys of one statement differ now.
pub(in crate::database) const STEP: &str = "SELECT CAST(@@auto_increment_increment AS SIGNED)";

impl Server {
    /// Asks. One statement.
    pub(super) async fn ask(connection: &mut sqlx::MySqlConnection) -> sqlx::Result<Self> {
        let mut rows = connection.fetch(sqlx::raw_sql(QUESTION));
        let row = rows.try_next().await?.ok_or(sqlx::Error::RowNotFound)?;
        // To its end, so that the connection is in order.
        while rows.try_next().await?.is_some() {}
        types::learn(&row, 4);
        let cell = |index: usize| text(&row, index);
        let packet = cell(7)?.parse().unwrap_or(usize::MAX);
        Ok(Self { packet, ..Self::of(&cell(0)?, &cell(1)?, &cell(2)?).in_mode(&cell(3)?) })
    }

    fn of(version: &str, increment: &str, rollback_on_timeout: &str) -> Self {
        let family = if version.contains("MariaDB") { Family::MariaDb } else { Family::MySql };
        // Before its version 11, MariaDB put a version of MySQL in front for the sake of old replicas.
        let version = version.strip_prefix("5.5.5-").unwrap_or(version);
        let mut numbers =
            version.split(|character: char| !character.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        let step = increment.parse().unwrap_or(1);
        let rolls_back_on_timeout = matches!(rollback_on_timeout, "1" | "ON");
        Self { family, version, step, rolls_back_on_timeout, syntax: Syntax::of(Dialect::MySql), packet: usize::MAX }
    }

    /// The same in this `sql_mode`.
    pub(super) fn in_mode(mut self, sql_mode: &str) -> Self {
        let has = |mode: &str| sql_mode.split(',').any(|set| set == mode);
        self.syntax = Syntax {
            dialect: Dialect::MySql,
            backslash: if has("NO_BACKSLASH_ESCAPES") { Backslash::Plain } else { Backslash::Escapes },
            double_quotes: if has("ANSI_QUOTES") { DoubleQuotes::Name } else { DoubleQuotes::Literal },
        };
        self
    }

    /// How it reads a text.
    pub(in crate::database) const fn syntax(self) -> Syntax {
        self.syntax
    }

    /// The same with another step.
    pub(super) fn counting_by(self, step: u64) -> Self {
        Self { step, ..self }
    }

    /// Refuses what is too old: it lacks statements that are sent, and some of what it lacks would go unnoticed (CHECK constraints).
    pub(super) fn check_version(self) -> Result<()> {
        let (name, oldest) = match self.family {
            Family::MySql => ("MySQL", OLDEST_MYSQL),
            Family::MariaDb => ("MariaDB", OLDEST_MARIADB),
        };
        if self.version >= oldest {
            return Ok(());
        }
        let (major, minor) = self.version;
        Err(Error::new(
            ErrorKind::Configuration,
            format!(
                "the server is {name} {major}.{minor}, which is too old: MySQL {}.{} and MariaDB {}.{} are the oldest that can be used. \
                 Upgrade it, or connect to another",
                OLDEST_MYSQL.0, OLDEST_MYSQL.1, OLDEST_MARIADB.0, OLDEST_MARIADB.1
            ),
        ))
    }

    /// What it can do.
    pub(in crate::database) fn capabilities(self, absent: &[Without]) -> Capabilities {
        let returning = self.family == Family::MariaDb && self.version >= (10, 5);
        // Also where the server hands out numbers to several statements at once (`innodb_autoinc_lock_mode = 2`): one whose number of
        // rows it knows takes them all together.
        let generated_keys = GeneratedKeys::Consecutive { step: self.step };
        let mut capabilities = Capabilities {
            insert_returning: returning,
            update_returning: false,
            delete_returning: returning,
            generated_keys,
        };
        if absent.contains(&Without::Returning) {
            capabilities.insert_returning = false;
        }
        capabilities.without(absent)
    }

    /// The collation that compares text as the other databases do: upper and lower case, accents and blanks at the end all count.
    pub(in crate::database) fn text_collation(self) -> &'static str {
        match self.family {
            Family::MySql => "utf8mb4_0900_bin",
            Family::MariaDb => "utf8mb4_nopad_bin",
        }
    }

    /// The setting after which the server ends a statement.
    pub(super) fn statement_limit(self, limit: std::time::Duration) -> String {
        match self.family {
            Family::MySql => format!("max_execution_time = {}", limit.as_millis().max(1)),
            Family::MariaDb => format!("max_statement_time = {}", limit.as_secs_f64().max(0.001)),
        }
    }

    /// The mode in which nothing is cut, rounded into range or taken for zero, and a key of 0 is 0: each would be another value than was
    /// sent.
    pub(super) fn sql_mode(self) -> &'static str {
        match self.family {
            Family::MySql => {
                "STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
                 NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY,PIPES_AS_CONCAT,\
                 NO_AUTO_VALUE_ON_ZERO"
            }
            // Assignments of one UPDATE read the row as it was, as everywhere else.
            Family::MariaDb => {
                "STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
                 NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY,PIPES_AS_CONCAT,\
                 NO_AUTO_VALUE_ON_ZERO,SIMULTANEOUS_ASSIGNMENT"
            }
        }
    }
}

fn text(row: &MySqlRow, index: usize) -> sqlx::Result<String> {
    row.try_get_unchecked(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_told_apart() {
        let mariadb = Server::of("10.11.19-MariaDB-0+deb12u1", "1", "0");
        assert_eq!((mariadb.family, mariadb.version), (Family::MariaDb, (10, 11)));
        assert_eq!(Server::of("5.5.5-10.6.1-MariaDB", "1", "0").version, (10, 6));
        let mysql = Server::of("8.0.36", "5", "OFF");
        assert_eq!((mysql.family, mysql.version), (Family::MySql, (8, 0)));
        assert!(mariadb.capabilities(&[]).insert_returning && mariadb.capabilities(&[]).delete_returning);
        assert!(!mysql.capabilities(&[]).insert_returning);
        assert_eq!(mysql.capabilities(&[]).generated_keys, GeneratedKeys::Consecutive { step: 5 });
        assert!(Server::of("8.0.36", "5", "1").rolls_back_on_timeout);
    }

    #[test]
    fn servers_that_are_too_old_are_refused() {
        for taken in ["8.0.36", "8.4.3", "9.7.4-2", "10.5.1-MariaDB", "5.5.5-10.11.2-MariaDB", "11.8.1-MariaDB-log"] {
            assert!(Server::of(taken, "1", "0").check_version().is_ok(), "{taken}");
        }
        for (version, named) in [
            ("5.7.44-log", "MySQL 5.7,"),
            ("5.6.1", "MySQL 5.6,"),
            ("10.4.34-MariaDB", "MariaDB 10.4,"),
            ("5.5.5-10.3.39-MariaDB", "MariaDB 10.3,"),
            ("5.5.68-MariaDB", "MariaDB 5.5,"),
            ("nonsense", "MySQL 0.0,"),
        ] {
            let error = Server::of(version, "1", "0").check_version().expect_err(version);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(named), "{error}");
        }
    }

    #[test]
    fn a_capability_can_be_taken_away() {
        let mariadb = Server::of("10.11.19-MariaDB", "1", "0");
        let without = mariadb.capabilities(&[Without::Returning, Without::ConsecutiveKeys]);
        assert!(!without.insert_returning && !without.delete_returning);
        assert_eq!(without.generated_keys, GeneratedKeys::OneByOne);
    }
}
