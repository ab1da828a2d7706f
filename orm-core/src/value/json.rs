//! `serde_json::Value` as a column.

use sea_query::Value;
use serde_json::Value as Json;

use super::{ColumnType, DecodeError, Raw, mysql::MySqlType, number::wrong_value, oid};
use crate::schema::SqlType;

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
