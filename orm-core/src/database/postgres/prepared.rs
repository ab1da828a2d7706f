//! Which types a statement was prepared with on a connection.
//!
//! The driver finds a prepared statement by its text alone. Sent again with values of other types it would hand the bytes of,
//! say, a float to the server as those of an integer, which the server cannot notice. So the same text with other types gets a
//! comment that makes it another text.

use std::{
    fmt::Write as _,
    hash::{BuildHasher as _, Hash as _, Hasher as _},
    sync::Arc,
};

use hashbrown::HashMap;
use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use super::bind::type_of;
use crate::{database::statement::Sql, value::Value};

/// The types of each text, both as hashes.
#[derive(Default)]
pub(super) struct PreparedTypes {
    seen: HashMap<u64, u64>,
}

/// More texts than that are not remembered: each then says its types itself.
const MOST_TEXTS: usize = 16_384;

impl PreparedTypes {
    /// The text to send.
    pub(super) fn text(&mut self, sql: &Sql, values: &[Value]) -> SqlStr {
        if values.is_empty() || self.knows(sql, values) { driver_text(sql) } else { with_types(sql, values) }
    }

    /// Whether the text was only ever sent with these types.
    fn knows(&mut self, sql: &Sql, values: &[Value]) -> bool {
        let text = self.seen.hasher().hash_one(&**sql);
        let mut types = self.seen.hasher().build_hasher();
        for value in values {
            type_of(value).hash(&mut types);
        }
        let types = types.finish();
        if let Some(known) = self.seen.get(&text) {
            return *known == types;
        }
        let room = self.seen.len() < MOST_TEXTS;
        if room {
            self.seen.insert(text, types);
        }
        room
    }

    /// Whether the text was asked about before; from now on it was.
    pub(super) fn has_seen(&mut self, sql: &Sql) -> bool {
        let text = self.seen.hasher().hash_one(&**sql);
        self.seen.contains_key(&text) || {
            if self.seen.len() < MOST_TEXTS {
                self.seen.insert(text, 0);
            }
            false
        }
    }

    pub(super) fn clear(&mut self) {
        self.seen.clear();
    }
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
        assert_eq!(types.text(&sql, &[1_i64.into()]).as_str(), "SELECT $1");
        assert_eq!(types.text(&sql, &[Value::BigInt(None)]).as_str(), "SELECT $1");
        assert_eq!(types.text(&sql, &[1.5_f64.into()]).as_str(), "SELECT $1\n/* 701 */");
        assert_eq!(types.text(&sql, &[2_i64.into()]).as_str(), "SELECT $1");
    }
}
