//! `serde_json::Value` as a column.

use sea_query::Value;
use serde_json::Value as Json;

use super::{ColumnType, DecodeError, Raw, mysql::MySqlType, number::wrong_value, oid};
use crate::schema::SqlType;

/// How deep a document may be, as deep as it is read again: what is deeper is refused before it is sent.
const MAX_DEPTH: usize = 127;

/// The text of a document that can be read again.
///
/// # Errors
/// Why it could not be.
#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(dead_code, reason = "for drivers")
)]
pub(crate) fn json_text(document: &Json) -> Result<String, String> {
    let mut below = vec![(document, 0_usize)];
    while let Some((value, above)) = below.pop() {
        // An empty list is a level as well.
        if above == MAX_DEPTH && (value.is_array() || value.is_object()) {
            return Err(format!("JSON that is nested deeper than {MAX_DEPTH} levels could not be read again"));
        }
        match value {
            Json::Array(values) => below.extend(values.iter().map(|value| (value, above + 1))),
            Json::Object(fields) => below.extend(fields.values().map(|value| (value, above + 1))),
            _ => {}
        }
    }
    Ok(document.to_string())
}

#[diagnostic::do_not_recommend]
impl ColumnType for Json {
    type Ref<'r> = &'r Json;
    const SQL_TYPE: SqlType = SqlType::Json;

    fn get(&self) -> &Json {
        self
    }

    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        let text = match raw {
            Raw::Text(text) | Raw::Postgres { oid: oid::JSON, bytes: text } => text,
            // One byte of version stands before the text.
            Raw::Postgres { oid: oid::JSONB, bytes: [1, text @ ..] } => text,
            // MariaDB's JSON is text with a check.
            Raw::MySql { column: MySqlType::Json | MySqlType::Text, bytes: text } => text,
            other => return Err(other.unexpected("JSON")),
        };
        serde_json::from_slice(text).map_err(|error| {
            DecodeError::new(format!("found text that is not JSON (at column {}), expected JSON", error.column()))
        })
    }

    fn to_value(&self) -> Value {
        Value::Json(Some(Box::new(self.clone())))
    }

    fn null() -> Value {
        Value::Json(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Json(Some(value)) => Ok(value.as_ref().clone()),
            other => Err(wrong_value(other, "JSON")),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}
