//! What a statement does beside what it says: it commits the transaction that it is in, or stays behind in the connection.

use crate::lexer::{Syntax, first_words};

/// The first words of such statements: <https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html>.
const COMMITTING: [&str; 17] = [
    "ALTER",
    "ANALYZE",
    "CACHE",
    "CHECK",
    "CREATE",
    "DROP",
    "FLUSH",
    "GRANT",
    "INSTALL",
    "LOCK",
    "OPTIMIZE",
    "RENAME",
    "REPAIR",
    "RESET",
    "REVOKE",
    "TRUNCATE",
    "UNINSTALL",
];

/// The first two words of others.
const COMMITTING_PAIRS: [(&str, &str); 11] = [
    ("CHANGE", "MASTER"),
    ("CHANGE", "REPLICATION"),
    // LOAD DATA does not.
    ("LOAD", "INDEX"),
    ("SET", "PASSWORD"),
    ("START", "GROUP_REPLICATION"),
    ("START", "REPLICA"),
    ("START", "SLAVE"),
    ("STOP", "GROUP_REPLICATION"),
    ("STOP", "REPLICA"),
    ("STOP", "SLAVE"),
    ("UNLOCK", "TABLES"),
];

/// Whether the server commits an open transaction before it runs this.
pub(super) fn commits(syntax: Syntax, sql: &str) -> bool {
    // `CREATE OR REPLACE TEMPORARY TABLE` has the longest beginning that tells.
    let words: Vec<&str> = first_words(syntax, sql).take(4).collect();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|found| found.eq_ignore_ascii_case(word));
    if COMMITTING_PAIRS.iter().any(|(first, second)| is(0, first) && is(1, second)) {
        return true;
    }
    let temporary = is(1, "TEMPORARY") || (is(1, "OR") && is(2, "REPLACE") && is(3, "TEMPORARY"));
    // MariaDB's ANALYZE of a statement shows how it went.
    let shown = is(0, "ANALYZE") && !["TABLE", "LOCAL", "NO_WRITE_TO_BINLOG"].iter().any(|second| is(1, second));
    !temporary && !shown && COMMITTING.iter().any(|committing| is(0, committing))
}

/// Whether the connection is another than was opened after this: `SET` of anything but the program's own variables and the next
/// transaction, `USE`, `LOCK TABLES`. With another `sql_mode` values are cut that were refused before; in another database other rows are
/// changed.
pub(super) fn alters_settings(syntax: Syntax, sql: &str) -> bool {
    let mut words = first_words(syntax, sql);
    let first = words.next().unwrap_or_default();
    if first.eq_ignore_ascii_case("USE") || first.eq_ignore_ascii_case("LOCK") {
        return true;
    }
    if !first.eq_ignore_ascii_case("SET") {
        return false;
    }
    match words.next().filter(|second| !second.starts_with('@')) {
        Some(second) => !second.eq_ignore_ascii_case("TRANSACTION"),
        None => sql.find('@').is_none_or(|at| sql[at..].starts_with("@@")),
    }
}

#[cfg(test)]
mod tests {
    use super::{alters_settings, commits};
    use crate::{dialect::Dialect, lexer::Syntax};

    #[test]
    fn what_stays_behind() {
        let alters_settings = |sql: &str| alters_settings(Syntax::of(Dialect::MySql), sql);
        for sql in [
            "SET sql_mode = ''",
            " set session sql_mode = ''",
            "SET @@sql_mode = ''",
            "SET\n NAMES latin1",
            "use other",
            "LOCK TABLES a WRITE",
            "SET autocommit = 0",
            "/* x */ SET autocommit = 0",
        ] {
            assert!(alters_settings(sql), "{sql}");
        }
        for sql in [
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; BEGIN",
            "SET @mine = 1",
            "/* SET x */ SELECT 1",
            "SELECT 1",
            "set",
            "SETTLE x",
            "",
        ] {
            assert!(!alters_settings(sql), "{sql}");
        }
    }

    #[test]
    fn what_commits() {
        let commits = |sql: &str| commits(Syntax::of(Dialect::MySql), sql);
        for sql in [
            "CREATE TABLE a (b int)",
            "  drop table a",
            "TRUNCATE a",
            "ALTER TABLE a ADD b int",
            "LOCK TABLES a READ",
            "/* x */ CREATE TABLE a (b int)",
            "-- x\nDROP TABLE a",
            "# x\nDROP TABLE a",
            "/*!50000 DROP */ TABLE a",
            "UNLOCK TABLES",
            "SET PASSWORD = 'x'",
            "LOAD INDEX INTO CACHE a",
            "ANALYZE TABLE a",
        ] {
            assert!(commits(sql), "{sql}");
        }
        for sql in [
            "SELECT 1",
            "/* DROP TABLE */ SELECT 1",
            "CREATE TEMPORARY TABLE a (b int)",
            "CREATE /* x */ OR REPLACE TEMPORARY TABLE a (b int)",
            "drop temporary table a",
            "LOAD DATA INFILE 'x'",
            "ANALYZE FORMAT=JSON SELECT 1",
            "SET @password = 1",
            "",
        ] {
            assert!(!commits(sql), "{sql}");
        }
    }
}
