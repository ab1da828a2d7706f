//! Statements that commit the transaction they are in, which only MySQL does without being asked.

/// The first words of such statements: <https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html>.
const COMMITTING: [&str; 18] = [
    "ALTER",
    "ANALYZE",
    "CACHE",
    "CHECK",
    "CREATE",
    "DROP",
    "FLUSH",
    "GRANT",
    "INSTALL",
    "LOAD",
    "LOCK",
    "OPTIMIZE",
    "RENAME",
    "REPAIR",
    "RESET",
    "REVOKE",
    "TRUNCATE",
    "UNINSTALL",
];

/// Whether the server commits an open transaction before it runs this.
pub(super) fn commits(sql: &str) -> bool {
    let mut words = sql.split(|character: char| !character.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return false };
    let second = words.next().unwrap_or_default();
    let temporary = second.eq_ignore_ascii_case("TEMPORARY");
    // LOAD INDEX INTO CACHE commits, LOAD DATA does not.
    let load = first.eq_ignore_ascii_case("LOAD") && !second.eq_ignore_ascii_case("INDEX");
    !temporary && !load && COMMITTING.iter().any(|committing| first.eq_ignore_ascii_case(committing))
}

#[cfg(test)]
mod tests {
    use super::commits;

    #[test]
    fn what_commits() {
        for sql in
            ["CREATE TABLE a (b int)", "  drop table a", "TRUNCATE a", "ALTER TABLE a ADD b int", "LOCK TABLES a READ"]
        {
            assert!(commits(sql), "{sql}");
        }
        for sql in
            ["SELECT 1", "CREATE TEMPORARY TABLE a (b int)", "drop temporary table a", "LOAD DATA INFILE 'x'", ""]
        {
            assert!(!commits(sql), "{sql}");
        }
    }
}
