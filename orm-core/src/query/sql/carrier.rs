//! How values travel: one by one with the cast that their column needs, or many as one value (a PostgreSQL array, JSON).

use std::fmt::Write as _;

use sea_query::{Expr, Func, IntoIden, OptionEnum, TypeRef};

use crate::{
    expr::is_null,
    schema::SqlType,
    value::{Value, whole},
};

use super::context::Dialect;

/// One value to store in a column of this type.
pub(super) fn bind(dialect: Dialect, sql_type: SqlType, value: Value) -> Expr {
    let expr = Expr::Value(plain(value));
    match (dialect, sql_type) {
        (Dialect::Postgres, SqlType::Enum(def)) => enum_cast(expr, def.name.to_owned()),
        _ => expr,
    }
}

/// A placeholder of a statement whose values are bound apart.
pub(super) fn placeholder(dialect: Dialect, sql_type: SqlType) -> Expr {
    bind(dialect, sql_type, Value::Bool(None))
}

/// Labels of enums travel as text; the cast to the enum's type is written where the column says so.
pub(super) fn plain(value: Value) -> Value {
    match value {
        Value::Enum(OptionEnum::Some(label)) => Value::String(Some(label.value.into_owned())),
        Value::Enum(OptionEnum::None(_)) => Value::String(None),
        other => other,
    }
}

fn enum_cast(expr: Expr, name: String) -> Expr {
    Func::cast_as_quoted(expr, TypeRef::from(name.into_iden())).into()
}

/// `$1` as an array of the column's type, to write inside `= ANY(..)`.
pub(super) fn array_operand(sql_type: SqlType, array: Value) -> Expr {
    match sql_type {
        SqlType::Enum(def) => enum_cast(Expr::Value(array), format!("{}[]", def.name)),
        _ => Expr::Value(array),
    }
}

/// `unnest($1::bigint[])`: one row for each element, several of them side by side go in step.
pub(super) fn unnest(sql_type: SqlType, array: Value) -> Expr {
    let array = Func::cast_as(Expr::Value(array), array_type_name(sql_type));
    let rows = Expr::from(Func::cust("unnest").arg(array));
    match sql_type {
        SqlType::Enum(def) => enum_cast(rows, def.name.to_owned()),
        _ => rows,
    }
}

const fn array_type_name(sql_type: SqlType) -> &'static str {
    match sql_type {
        SqlType::Boolean => "boolean[]",
        SqlType::SmallInt => "smallint[]",
        SqlType::Integer => "integer[]",
        SqlType::BigInt => "bigint[]",
        SqlType::Real => "real[]",
        SqlType::Double => "double precision[]",
        SqlType::Text | SqlType::Enum(_) => "text[]",
        SqlType::Bytes => "bytea[]",
        SqlType::Date => "date[]",
        SqlType::Time => "time[]",
        SqlType::Timestamp => "timestamp[]",
        SqlType::TimestampTz => "timestamptz[]",
        SqlType::Uuid => "uuid[]",
        SqlType::Decimal => "numeric[]",
        SqlType::Json => "jsonb[]",
    }
}

/// The values as one PostgreSQL array, all elements of the type that the column has; `None` where one cannot be
/// (an unsigned number beyond 64 bits signed, values of two types), or there is no value to tell the type.
#[cfg(feature = "postgres")]
pub(super) fn array(sql_type: SqlType, values: &[Value]) -> Option<Value> {
    let elements: Vec<Value> = values.iter().map(|value| element(sql_type, value)).collect::<Option<_>>()?;
    let array_type = array_type(elements.first()?)?;
    let kind = std::mem::discriminant(elements.first()?);
    if elements.iter().any(|element| std::mem::discriminant(element) != kind) {
        return None;
    }
    Some(Value::Array(array_type, Some(Box::new(elements))))
}

#[cfg(not(feature = "postgres"))]
pub(super) fn array(_: SqlType, _: &[Value]) -> Option<Value> {
    None
}

/// A value as an element of an array of the column's type.
#[cfg(feature = "postgres")]
fn element(sql_type: SqlType, value: &Value) -> Option<Value> {
    Some(match sql_type {
        SqlType::SmallInt => Value::SmallInt(integer(value)?.map(i16::try_from).transpose().ok()?),
        SqlType::Integer => Value::Int(integer(value)?.map(i32::try_from).transpose().ok()?),
        SqlType::BigInt => Value::BigInt(integer(value)?),
        _ => match plain(value.clone()) {
            Value::Char(character) => Value::String(character.map(String::from)),
            other => other,
        },
    })
}

/// The number in an integer value; `Some(None)` for NULL, `None` for another type or a number that does not fit.
fn integer(value: &Value) -> Option<Option<i64>> {
    if let Value::Bool(value) = value {
        return Some(value.map(i64::from));
    }
    match whole(value) {
        Some(number) => i64::try_from(number).ok().map(Some),
        None => is_integer_null(value).then_some(None),
    }
}

fn is_integer_null(value: &Value) -> bool {
    matches!(
        value,
        Value::TinyInt(None)
            | Value::SmallInt(None)
            | Value::Int(None)
            | Value::BigInt(None)
            | Value::TinyUnsigned(None)
            | Value::SmallUnsigned(None)
            | Value::Unsigned(None)
            | Value::BigUnsigned(None)
    )
}

#[cfg(feature = "postgres")]
fn array_type(value: &Value) -> Option<sea_query::ArrayType> {
    use sea_query::ArrayType;
    Some(match value {
        Value::Bool(_) => ArrayType::Bool,
        Value::SmallInt(_) => ArrayType::SmallInt,
        Value::Int(_) => ArrayType::Int,
        Value::BigInt(_) => ArrayType::BigInt,
        Value::Float(_) => ArrayType::Float,
        Value::Double(_) => ArrayType::Double,
        Value::String(_) => ArrayType::String,
        Value::Bytes(_) => ArrayType::Bytes,
        #[cfg(feature = "serde_json")]
        Value::Json(_) => ArrayType::Json,
        #[cfg(feature = "chrono")]
        Value::ChronoDate(_) => ArrayType::ChronoDate,
        #[cfg(feature = "chrono")]
        Value::ChronoTime(_) => ArrayType::ChronoTime,
        #[cfg(feature = "chrono")]
        Value::ChronoDateTime(_) => ArrayType::ChronoDateTime,
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeUtc(_) => ArrayType::ChronoDateTimeUtc,
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeLocal(_) => ArrayType::ChronoDateTimeLocal,
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeWithTimeZone(_) => ArrayType::ChronoDateTimeWithTimeZone,
        #[cfg(feature = "time")]
        Value::TimeDate(_) => ArrayType::TimeDate,
        #[cfg(feature = "time")]
        Value::TimeTime(_) => ArrayType::TimeTime,
        #[cfg(feature = "time")]
        Value::TimeDateTime(_) => ArrayType::TimeDateTime,
        #[cfg(feature = "time")]
        Value::TimeDateTimeWithTimeZone(_) => ArrayType::TimeDateTimeWithTimeZone,
        #[cfg(feature = "uuid")]
        Value::Uuid(_) => ArrayType::Uuid,
        #[cfg(feature = "rust_decimal")]
        Value::Decimal(_) => ArrayType::Decimal,
        _ => return None,
    })
}

/// The values as one JSON text for SQLite's `json_each`; `None` where JSON cannot carry them exactly: floats, decimals, bytes,
/// dates (their text belongs to the driver), text with a NUL, numbers beyond 64 bits.
pub(super) fn json(sql_type: SqlType, values: &[Value]) -> Option<Value> {
    let carried = matches!(
        sql_type,
        SqlType::Boolean
            | SqlType::SmallInt
            | SqlType::Integer
            | SqlType::BigInt
            | SqlType::Text
            | SqlType::Enum(_)
            | SqlType::Uuid
    );
    if !carried {
        return None;
    }
    let mut text = String::with_capacity(2 + values.len() * 8);
    text.push('[');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        push_json(&mut text, value)?;
    }
    text.push(']');
    Some(Value::String(Some(text)))
}

fn push_json(text: &mut String, value: &Value) -> Option<()> {
    if is_null(value) {
        text.push_str("null");
        return Some(());
    }
    match value {
        Value::String(Some(string)) => push_json_string(text, string),
        Value::Enum(OptionEnum::Some(label)) => push_json_string(text, &label.value),
        #[cfg(feature = "uuid")]
        Value::Uuid(Some(uuid)) => push_json_string(text, &uuid.to_string()),
        number => write!(text, "{}", integer(number)??).ok(),
    }
}

fn push_json_string(text: &mut String, string: &str) -> Option<()> {
    text.push('"');
    for character in string.chars() {
        match character {
            // SQLite ends the value at a NUL.
            '\0' => return None,
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            control if control < ' ' => write!(text, "\\u{:04x}", u32::from(control)).ok()?,
            other => text.push(other),
        }
    }
    text.push('"');
    Some(())
}
