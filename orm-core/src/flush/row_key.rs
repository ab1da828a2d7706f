//! Values as something that can be looked up: what identifies a row among the rows of one flush.

use crate::{
    schema::SqlType,
    value::{Value, is_null},
};

/// One value, comparable and hashable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Part {
    Integer(i128),
    Text(String),
    Bytes(Vec<u8>),
    /// Another type, printed.
    Other(String),
}

/// The values of a key or of a unique constraint, comparable and hashable. Two integers of different widths are the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowKey(Parts);

/// Most keys are one value: that costs no allocation of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Parts {
    One(Part),
    Many(Vec<Part>),
}

impl RowKey {
    /// `None` where one of the values is NULL: that equals nothing.
    pub(crate) fn of<'v>(values: impl IntoIterator<Item = &'v Value>) -> Option<Self> {
        let mut values = values.into_iter();
        let first = part(values.next()?)?;
        let Some(second) = values.next() else { return Some(Self(Parts::One(first))) };
        let mut parts = vec![first, part(second)?];
        for value in values {
            parts.push(part(value)?);
        }
        Some(Self(Parts::Many(parts)))
    }
}

fn part(value: &Value) -> Option<Part> {
    if is_null(value) {
        return None;
    }
    Some(match value {
        Value::String(Some(text)) => Part::Text(text.clone()),
        Value::Char(Some(character)) => Part::Text(character.to_string()),
        Value::Bytes(Some(bytes)) => Part::Bytes(bytes.clone()),
        other => match integer(other) {
            Some(number) => Part::Integer(number),
            None => Part::Other(format!("{other:?}")),
        },
    })
}

/// The number in a value of an integer type.
pub(super) fn integer(value: &Value) -> Option<i128> {
    match *value {
        Value::TinyInt(value) => value.map(i128::from),
        Value::SmallInt(value) => value.map(i128::from),
        Value::Int(value) => value.map(i128::from),
        Value::BigInt(value) => value.map(i128::from),
        Value::TinyUnsigned(value) => value.map(i128::from),
        Value::SmallUnsigned(value) => value.map(i128::from),
        Value::Unsigned(value) => value.map(i128::from),
        Value::BigUnsigned(value) => value.map(i128::from),
        _ => None,
    }
}

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
