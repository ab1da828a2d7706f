//! Which types a statement was prepared with on a connection.
//!
//! The driver finds a prepared statement by its text alone. Sent again with values of other types it would hand the bytes of,
//! say, a float to the server as those of an integer, which the server cannot notice. So the same text with other types gets a
//! comment that makes it another text.

use std::{
    fmt::Write as _,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use super::bind::type_of;
use crate::{
    database::{
        recurring::{Keep, Recurring},
        statement::Sql,
    },
    value::Value,
};

/// The types of each text that came by, as a hash.
#[derive(Default)]
pub(super) struct PreparedTypes {
    texts: Recurring,
}

impl PreparedTypes {
    /// The text to send, and whether it stays prepared.
    pub(super) fn text(&mut self, sql: &Sql, values: &[Value]) -> (SqlStr, Keep) {
        let types = types_of(values);
        match self.texts.stays(sql, types) {
            Some(keep) => (driver_text(sql), keep),
            None => (with_types(sql, values), Keep::Yes),
        }
    }

    /// Whether the text was asked about before; from now on it was.
    pub(super) fn has_seen(&mut self, sql: &Sql) -> bool {
        self.texts.has_seen(sql)
    }

    pub(super) fn clear(&mut self) {
        self.texts.clear();
    }
}

/// The types of values, as a hash.
fn types_of(values: &[Value]) -> u64 {
    let mut types = DefaultHasher::new();
    for value in values {
        type_of(value).hash(&mut types);
    }
    types.finish()
}

/// The text with its types in a comment: also for a connection that other code has prepared statements on.
pub(super) fn with_types(sql: &Sql, values: &[Value]) -> SqlStr {
    if values.is_empty() {
        return driver_text(sql);
    }
    let mut text = String::with_capacity(sql.len() + values.len() * 5 + 8);
    text.push_str(sql);
    text.push_str("\n/*");
    for value in values {
        let _ = write!(text, " {}", type_of(value));
    }
    text.push_str(" */");
    AssertSqlSafe(text).into_sql_str()
}

/// The text as it is.
pub(super) fn driver_text(sql: &Sql) -> SqlStr {
    match sql {
        Sql::Static(text) => text.into_sql_str(),
        // Texts come from the renderer, with placeholders for all values, or from the user's own `execute`.
        Sql::Shared(text) => AssertSqlSafe(Arc::clone(text)).into_sql_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_types_make_another_text() {
        let mut types = PreparedTypes::default();
        let sql = Sql::from("SELECT $1");
        let mut text = |value: Value| types.text(&sql, &[value]).0.as_str().to_owned();
        assert_eq!(text(1_i64.into()), "SELECT $1");
        assert_eq!(text(Value::BigInt(None)), "SELECT $1");
        assert_eq!(text(1.5_f64.into()), "SELECT $1\n/* 701 */");
        assert_eq!(text(2_i64.into()), "SELECT $1");
    }
}
