//! What a text of the program's own may do beside giving and changing rows, judged by its words.
//!
//! Both judgements err to the safe side: what is not known to be harmless is taken to be harmful.

mod words;

#[cfg(test)]
mod tests;

use self::words::{Piece, Word, pieces};
use crate::{
    dialect::Dialect,
    lexer::{Syntax, writes_in_with},
};

/// Whether a statement may leave something on the connection that outlives its transaction: a setting, a role, a temporary table, an
/// advisory lock, another database.
pub(super) fn leaves_traces(syntax: Syntax, sql: &str) -> bool {
    let pieces = pieces(syntax, sql);
    let words: Vec<&Word<'_>> = pieces.iter().filter_map(Piece::word).collect();
    let Some(first) = words.first() else { return false };
    // MySQL's LOCAL is the connection's.
    if first.is("SET") && syntax.dialect == Dialect::Postgres {
        return !words.get(1).is_some_and(|second| second.is("LOCAL"));
    }
    let is_known = ["SELECT", "WITH", "VALUES", "TABLE", "INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE", "TRUNCATE"]
        .iter()
        .chain(&["CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE", "EXPLAIN", "SHOW", "ANALYZE"])
        .chain(&["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"])
        .any(|known| first.is(known));
    if !is_known || pieces.iter().any(Piece::sets_a_variable) {
        return true;
    }
    let mut before: Option<&Word<'_>> = None;
    for (at, piece) in pieces.iter().enumerate() {
        let Piece::Word(word) = piece else { continue };
        if word.starts_with("TEMP") || word.starts_with("PG_TEMP") {
            return true;
        }
        let calls = pieces.get(at + 1).is_some_and(|next| next.is("("));
        if calls && !names_a_table(before, first) && !is_harmless(word, &pieces[at + 1..]) {
            return true;
        }
        before = Some(word);
    }
    false
}

/// Whether a statement only reads, for sessions that only read. The database holds to it as well; this is for what that does not hold
/// to: a file on the server, a transaction that is ended or made to write, a database beside this one, and on MySQL a sandbox.
pub(crate) fn only_reads(syntax: Syntax, sql: &str) -> bool {
    let pieces = pieces(syntax, sql);
    let mut words = pieces.iter().filter_map(Piece::word);
    let Some(first) = words.next() else { return true };
    let reads = ["SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN", "DESCRIBE", "DESC"];
    reads.iter().any(|known| first.is(known))
        && !words.any(|word| word.is("OUTFILE") || word.is("DUMPFILE"))
        && !writes_in_with(syntax, sql)
}

/// Whether what follows a word is the name of a table with its columns, not the name of a function with its arguments.
fn names_a_table(before: Option<&Word<'_>>, first: &Word<'_>) -> bool {
    let Some(before) = before else { return false };
    let defines = ["CREATE", "ALTER", "DROP"].iter().any(|word| first.is(word));
    before.is("INTO")
        || (defines && ["TABLE", "EXISTS", "REFERENCES", "ON", "INDEX", "KEY"].iter().any(|word| before.is(word)))
}

/// Whether a word before a bracket is no function, or one that every database brings along and that leaves nothing behind.
fn is_harmless(word: &Word<'_>, arguments: &[Piece<'_>]) -> bool {
    if word.is("SET_CONFIG") {
        return !word.is_name() && is_local(arguments);
    }
    !word.is_name() && HARMLESS.iter().any(|known| word.is(known))
}

/// Whether the last argument of `set_config` is the word `true`: until the end of the transaction.
fn is_local(arguments: &[Piece<'_>]) -> bool {
    let mut depth = 0_usize;
    let (mut before, mut last) = (None, None);
    for piece in arguments {
        if piece.is("(") {
            depth += 1;
        } else if piece.is(")") {
            if depth == 1 {
                break;
            }
            depth = depth.saturating_sub(1);
        }
        (before, last) = (last, Some(piece));
    }
    let is_last_of_several = before.is_some_and(|before| before.is(","));
    is_last_of_several && last.and_then(Piece::word).is_some_and(|word| word.is("TRUE"))
}

/// Words that stand before a bracket in everyday statements.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    // What SQL itself writes before a bracket.
    "ALL", "AND", "ANY", "AS", "BETWEEN", "BY", "CASE", "CHECK", "CONFLICT", "CUBE", "DEFAULT", "DISTINCT", "ELSE", "EXCEPT", "EXISTS",
    "FILTER", "FOREIGN", "FROM", "GROUP", "GROUPING", "HAVING", "IN", "INDEX", "INTERSECT", "IS", "JOIN", "KEY", "LATERAL", "LIKE", "LIMIT",
    "MATERIALIZED", "NOT", "OFFSET", "ON", "OR", "ORDER", "OVER", "PRIMARY", "REFERENCES", "RETURNING", "ROLLUP", "ROW", "SELECT", "SET",
    "SETS", "SOME", "THEN", "UNION", "UNIQUE", "USING", "VALUES", "WHEN", "WHERE", "WITHIN",
    // Types.
    "BINARY", "BIT", "CHAR", "CHARACTER", "DATE", "DATETIME", "DECIMAL", "ENUM", "FLOAT", "INT", "INTEGER", "INTERVAL", "NUMERIC", "TIME",
    "TIMESTAMP", "TIMESTAMPTZ", "VARBINARY", "VARCHAR", "VARYING",
    // Functions.
    "ABS", "AGE", "ARRAY_AGG", "ARRAY_LENGTH", "AVG", "BIT_LENGTH", "BTRIM", "CARDINALITY", "CAST", "CEIL", "CEILING", "CHANGES",
    "CHARACTER_LENGTH", "CHAR_LENGTH", "COALESCE", "CONCAT", "CONCAT_WS", "CONNECTION_ID", "CONVERT", "COUNT", "CUME_DIST", "CURRENT_DATABASE",
    "CURRENT_DATE", "CURRENT_SCHEMA", "CURRENT_SETTING", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "DATABASE", "DATEDIFF",
    "DATE_ADD", "DATE_FORMAT", "DATE_PART", "DATE_SUB", "DATE_TRUNC", "DAY", "DENSE_RANK", "EXTRACT", "FIRST_VALUE", "FLOOR", "FORMAT",
    "FROM_UNIXTIME", "GENERATE_SERIES", "GREATEST", "GROUP_CONCAT", "HEX", "HOUR", "IF", "IFNULL", "IIF", "INSTR", "JSONB_AGG",
    "JSONB_ARRAY_ELEMENTS", "JSONB_BUILD_OBJECT", "JSONB_SET", "JSON_AGG", "JSON_ARRAY", "JSON_ARRAYAGG", "JSON_BUILD_OBJECT",
    "JSON_CONTAINS", "JSON_EACH", "JSON_EXTRACT", "JSON_GROUP_ARRAY", "JSON_GROUP_OBJECT", "JSON_LENGTH", "JSON_OBJECT", "JSON_OBJECTAGG",
    "JSON_TABLE", "JSON_TYPE", "JSON_UNQUOTE", "JSON_VALID", "JSON_VALUE", "JULIANDAY", "LAG", "LAST_INSERT_ID", "LAST_INSERT_ROWID",
    "LAST_VALUE", "LEAD", "LEAST", "LEFT", "LENGTH", "LOCATE", "LOWER", "LPAD", "LTRIM", "MATCH", "MAX", "MD5", "MIN", "MINUTE", "MOD",
    "MONTH", "NOW", "NTILE", "NULLIF", "OCTET_LENGTH", "PERCENT_RANK", "PG_BACKEND_PID", "POSITION", "POWER", "PRINTF", "QUOTE", "RANDOM", "RANK",
    "REGEXP_REPLACE", "REPEAT", "REPLACE", "REVERSE", "RIGHT", "ROUND", "ROW_NUMBER", "RPAD", "RTRIM", "SECOND", "SHA1", "SHA2", "SHA256",
    "SIGN", "SQRT", "STRFTIME", "STRING_AGG", "STRPOS", "SUBSTR", "SUBSTRING", "SUM", "TIMESTAMPDIFF", "TOTAL", "TO_CHAR", "TO_DATE",
    "TO_TIMESTAMP", "TO_TSQUERY", "TO_TSVECTOR", "TRIM", "TYPEOF", "UNHEX", "UNIXEPOCH", "UNIX_TIMESTAMP", "UNNEST", "UPPER", "VERSION",
    "WEBSEARCH_TO_TSQUERY", "YEAR",
];
