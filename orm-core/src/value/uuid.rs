//! `uuid::Uuid` as a column.

use sea_query::Value;
use uuid::Uuid;

use super::{ColumnType, DecodeError, Raw, mysql::MySqlType, number::wrong_value, oid, raw::fixed};
use crate::schema::SqlType;

#[diagnostic::do_not_recommend]
impl ColumnType for Uuid {
    type Ref<'r> = Uuid;
    const SQL_TYPE: SqlType = SqlType::Uuid;

    fn get(&self) -> Uuid {
        *self
    }

    /// Reads the hyphenated text that is written, and also 32 digits or 16 bytes.
    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        match raw {
            Raw::Text(text) | Raw::MySql { column: MySqlType::Text, bytes: text } => {
                parse(text).ok_or_else(|| DecodeError::new("found a text of another form, expected a UUID"))
            }
            Raw::Blob(bytes)
            | Raw::Postgres { oid: oid::UUID, bytes }
            | Raw::MySql { column: MySqlType::Bytes, bytes } => Ok(Uuid::from_bytes(fixed(bytes)?)),
            other => Err(other.unexpected("a UUID")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Uuid(Some(*self))
    }

    fn null() -> Value {
        Value::Uuid(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Uuid(Some(value)) => Ok(*value),
            other => Err(wrong_value(other, "a UUID")),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

/// Thirty-two hexadecimal digits, with the four hyphens or without any.
fn parse(text: &[u8]) -> Option<Uuid> {
    let hyphenated = match text.len() {
        36 => true,
        32 => false,
        _ => return None,
    };
    let mut bytes = [0; 16];
    let mut rest = text;
    for (place, byte) in bytes.iter_mut().enumerate() {
        if hyphenated && matches!(place, 4 | 6 | 8 | 10) {
            rest = rest.strip_prefix(b"-")?;
        }
        let (&[high, low], after) = rest.split_first_chunk::<2>()?;
        *byte = nibble(high)? << 4 | nibble(low)?;
        rest = after;
    }
    Some(Uuid::from_bytes(bytes))
}

#[inline]
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
