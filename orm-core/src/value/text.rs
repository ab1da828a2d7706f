//! `String` and `Vec<u8>` as columns.

use sea_query::Value;

use super::{ColumnType, DecodeError, Raw, mysql::MySqlType, number::wrong_value, oid};
use crate::schema::SqlType;

#[diagnostic::do_not_recommend]
impl ColumnType for String {
    type Ref<'r> = &'r str;
    const SQL_TYPE: SqlType = SqlType::Text;

    #[inline]
    fn get(&self) -> &str {
        self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        raw.text().map(str::to_owned)
    }

    fn to_value(&self) -> Value {
        Value::String(Some(self.clone()))
    }

    fn null() -> Value {
        Value::String(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::String(Some(value)) => Ok(value.clone()),
            other => Err(wrong_value(other, "text")),
        }
    }

    #[inline]
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for Vec<u8> {
    type Ref<'r> = &'r [u8];
    const SQL_TYPE: SqlType = SqlType::Bytes;

    #[inline]
    fn get(&self) -> &[u8] {
        self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        match raw {
            Raw::Blob(bytes)
            | Raw::Postgres { oid: oid::BYTEA, bytes }
            | Raw::MySql { column: MySqlType::Bytes, bytes } => Ok(bytes.to_vec()),
            other => Err(other.unexpected("bytes")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Bytes(Some(self.clone()))
    }

    fn null() -> Value {
        Value::Bytes(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Bytes(Some(value)) => Ok(value.clone()),
            other => Err(wrong_value(other, "bytes")),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}
