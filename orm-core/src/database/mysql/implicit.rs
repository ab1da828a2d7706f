//! Statements that commit the transaction they are in, which only MySQL does without being asked.

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

#[cfg(test)]
mod tests {
    use super::commits;
    use crate::{dialect::Dialect, lexer::Syntax};

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
