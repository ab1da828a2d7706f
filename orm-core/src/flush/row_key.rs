//! What tells the rows of one flush apart, and the versions that it counts.

use crate::{schema::SqlType, value::Value};

/// Whether a value of this type comes back from the database as it was sent, so that rows can be told apart by it.
pub(crate) const fn comes_back_exactly(sql_type: SqlType) -> bool {
    matches!(
        sql_type,
        SqlType::Boolean
            | SqlType::SmallInt
            | SqlType::Integer
            | SqlType::BigInt
            | SqlType::Text
            | SqlType::Bytes
            | SqlType::Date
            | SqlType::Uuid
            | SqlType::Enum(_)
    )
}

/// The version after this one, of the same type.
pub(super) fn next_version(value: &Value) -> Option<Value> {
    Some(match *value {
        Value::TinyInt(Some(value)) => Value::TinyInt(Some(value.checked_add(1)?)),
        Value::SmallInt(Some(value)) => Value::SmallInt(Some(value.checked_add(1)?)),
        Value::Int(Some(value)) => Value::Int(Some(value.checked_add(1)?)),
        Value::BigInt(Some(value)) => Value::BigInt(Some(value.checked_add(1)?)),
        Value::TinyUnsigned(Some(value)) => Value::TinyUnsigned(Some(value.checked_add(1)?)),
        Value::SmallUnsigned(Some(value)) => Value::SmallUnsigned(Some(value.checked_add(1)?)),
        Value::Unsigned(Some(value)) => Value::Unsigned(Some(value.checked_add(1)?)),
        Value::BigUnsigned(Some(value)) => Value::BigUnsigned(Some(value.checked_add(1)?)),
        _ => return None,
    })
}

/// The first version of a column of this type.
pub(super) fn first_version(sql_type: SqlType) -> Value {
    match sql_type {
        SqlType::SmallInt => Value::SmallInt(Some(1)),
        SqlType::Integer => Value::Int(Some(1)),
        _ => Value::BigInt(Some(1)),
    }
}
