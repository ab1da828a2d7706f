//! Assertions on the statement log: how many statements, of which kind, on which tables, in which order.

use std::fmt::Write as _;

use orm_core::database::{LoggedStatement, StatementKind, StatementLog};

/// What tests ask of a [`StatementLog`]. Each assertion empties the log.
pub trait StatementAssertions {
    /// These statements were sent since the last assertion, in this order, and no others: `&["SELECT users", "UPDATE users"]`. What only
    /// opens or ends a transaction does not count; savepoints do. The form of each is that of [`summary`].
    fn assert(&self, expected: &[&str]);

    /// As [`assert`](Self::assert), with BEGIN, COMMIT and ROLLBACK.
    fn assert_framed(&self, expected: &[&str]);

    /// Nothing was sent, not even to open a transaction.
    fn assert_silent(&self);

    /// The texts of what was sent, without what opens or ends a transaction; names in double quotes, however the database quotes them.
    fn texts(&self) -> Vec<String>;
}

impl StatementAssertions for StatementLog {
    #[track_caller]
    fn assert(&self, expected: &[&str]) {
        let sent: Vec<_> = self.take().into_iter().filter(|sent| !sent.kind.is_transaction_frame()).collect();
        compare(&sent, expected);
    }

    #[track_caller]
    fn assert_framed(&self, expected: &[&str]) {
        compare(&self.take(), expected);
    }

    #[track_caller]
    fn assert_silent(&self) {
        compare(&self.take(), &[]);
    }

    fn texts(&self) -> Vec<String> {
        let sent = self.take().into_iter().filter(|sent| !sent.kind.is_transaction_frame());
        sent.map(|sent| sent.sql.replace('`', "\"")).collect()
    }
}

#[track_caller]
fn compare(sent: &[LoggedStatement], expected: &[&str]) {
    let summaries: Vec<String> = sent.iter().map(|sent| summary(&sent.sql)).collect();
    if summaries == expected {
        return;
    }
    let mut report = format!("{} statements were expected, {} were sent\n", expected.len(), sent.len());
    for at in 0..expected.len().max(sent.len()) {
        let wanted = expected.get(at).copied().unwrap_or("-");
        let got = summaries.get(at).map_or("-", String::as_str);
        let sql = sent.get(at).map_or("", |sent| sent.sql.as_str());
        let mark = if wanted == got { ' ' } else { '!' };
        writeln!(report, "{mark} expected {wanted:<32} sent {got:<32} {sql}").ok();
    }
    panic!("{report}");
}

/// A statement in short: its verb, its table, and what is joined to it. `SELECT users`, `SELECT posts JOIN users`, `BEGIN`.
///
/// Tables that stand only inside a condition (`EXISTS (..)`, `IN (..)`) do not count.
#[must_use]
pub fn summary(sql: &str) -> String {
    let verb = match StatementKind::of(sql) {
        StatementKind::Select => "SELECT",
        StatementKind::Insert => "INSERT",
        StatementKind::Update => "UPDATE",
        StatementKind::Delete => "DELETE",
        StatementKind::Begin => return "BEGIN".to_owned(),
        StatementKind::Commit => return "COMMIT".to_owned(),
        StatementKind::Rollback => return "ROLLBACK".to_owned(),
        StatementKind::Savepoint => return "SAVEPOINT".to_owned(),
        StatementKind::Release => return "RELEASE".to_owned(),
        StatementKind::RollbackTo => return "ROLLBACK TO".to_owned(),
        _ => return sql.to_owned(),
    };
    std::iter::once(verb.to_owned()).chain(std::iter::once(tables(sql).join(" JOIN "))).collect::<Vec<_>>().join(" ")
}

/// What names are quoted with.
const QUOTES: [char; 2] = ['"', '`'];

/// The tables that follow FROM, JOIN, INTO or UPDATE, in order, each once.
fn tables(sql: &str) -> Vec<String> {
    let words = words(sql);
    let mut found: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let is = |at: usize, word: &str| words.get(at).is_some_and(|found| found.eq_ignore_ascii_case(word));
        let condition = is(at, "IN") || is(at, "ANY") || (is(at, "EXISTS") && !is(at.wrapping_sub(1), "SELECT"));
        if condition && is(at + 1, "(") {
            at = after_parenthesis(&words, at + 1);
            continue;
        }
        // ON DUPLICATE KEY UPDATE is followed by columns.
        let names_a_table = !is(at, "UPDATE") || !is(at.wrapping_sub(1), "KEY");
        if names_a_table && ["FROM", "JOIN", "INTO", "UPDATE"].iter().any(|keyword| is(at, keyword)) {
            // `"schema"."table"`: the last part counts.
            let mut name = words.get(at + 1);
            if words.get(at + 2).is_some_and(|word| word == ".") {
                name = words.get(at + 3);
            }
            if let Some(name) =
                name.and_then(|name| name.strip_prefix(QUOTES)).map(|name| name.trim_end_matches(QUOTES))
                && !found.iter().any(|known| known == name)
            {
                found.push(name.to_owned());
            }
        }
        at += 1;
    }
    found
}

fn after_parenthesis(words: &[String], open: usize) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(open) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    words.len()
}

/// Words, quoted names with their quotes, and single signs.
fn words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql.chars().peekable();
    while let Some(sign) = rest.next() {
        let mut word = String::from(sign);
        if sign == '\'' || QUOTES.contains(&sign) {
            for next in rest.by_ref() {
                word.push(next);
                if next == sign {
                    break;
                }
            }
        } else if sign.is_alphanumeric() || sign == '_' {
            while let Some(next) = rest.next_if(|next| next.is_alphanumeric() || *next == '_') {
                word.push(next);
            }
        } else if sign.is_whitespace() {
            continue;
        }
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_in_short() {
        for (sql, expected) in [
            ("SELECT 1 FROM \"users\" AS \"t0\" WHERE EXISTS(SELECT 1 FROM \"posts\")", "SELECT users"),
            (
                "SELECT a FROM (SELECT b FROM \"users\" LIMIT 2) AS t LEFT JOIN \"posts\" ON x",
                "SELECT users JOIN posts",
            ),
            ("SELECT EXISTS(SELECT 1 FROM \"users\")", "SELECT users"),
            ("INSERT INTO \"app\".\"users\" (\"from\") VALUES (?)", "INSERT users"),
            ("UPDATE \"users\" AS t SET \"a\" = v.x FROM unnest($1) AS v", "UPDATE users"),
            ("DELETE FROM \"a\" WHERE x IN (SELECT 1 FROM \"b\") AND y = ANY($1)", "DELETE a"),
            ("ROLLBACK TO SAVEPOINT \"s\"", "ROLLBACK TO"),
            ("INSERT INTO `users` (`a`) VALUES (?) ON DUPLICATE KEY UPDATE `a` = 1", "INSERT users"),
            ("UPDATE `users` AS `t` JOIN (SELECT `a` FROM `users`) AS `v` ON x SET `a` = 1", "UPDATE users"),
        ] {
            assert_eq!(summary(sql), expected, "{sql}");
        }
    }
}
