//! How a value is bound on SQLite.

use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use sea_query::OptionEnum;

use crate::{
    error::{Error, ErrorKind},
    value::Value,
};

fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Value, message)
}

fn integer<T: Into<i64>>(value: Option<T>) -> ToSqlOutput<'static> {
    value.map_or(ToSqlOutput::Borrowed(ValueRef::Null), |value| ToSqlOutput::Owned(Owned::Integer(value.into())))
}

fn real(value: Option<f64>) -> Result<ToSqlOutput<'static>, Error> {
    match value {
        None => Ok(ToSqlOutput::Borrowed(ValueRef::Null)),
        Some(value) if value.is_nan() => Err(refused("SQLite has no NaN (it stores NULL in its place)")),
        Some(value) => Ok(ToSqlOutput::Owned(Owned::Real(value))),
    }
}

fn text(value: Option<&str>) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(value.map_or(ValueRef::Null, |value| ValueRef::Text(value.as_bytes())))
}

#[cfg(any(feature = "chrono", feature = "time", feature = "uuid", feature = "rust_decimal", feature = "serde_json"))]
fn owned_text(value: Option<String>) -> ToSqlOutput<'static> {
    value.map_or(ToSqlOutput::Borrowed(ValueRef::Null), |value| ToSqlOutput::Owned(Owned::Text(value)))
}

/// The text of a date or time, or the error for a year that has none.
#[cfg(any(feature = "chrono", feature = "time"))]
fn moment<T>(
    value: Option<T>,
    write: impl FnOnce(T) -> Result<crate::value::civil::ShortText, crate::value::DecodeError>,
) -> Result<ToSqlOutput<'static>, Error> {
    let text = value.map(write).transpose().map_err(|error| refused(error.reason()))?;
    Ok(owned_text(text.map(|text| String::from_utf8_lossy(text.as_bytes()).into_owned())))
}

/// The value as SQLite stores it.
///
/// # Errors
/// When SQLite has no such value: an integer of more than 63 bits, NaN, a year of five digits, an array.
pub(super) fn bind(value: &Value) -> Result<ToSqlOutput<'_>, Error> {
    Ok(match value {
        Value::Bool(value) => integer(*value),
        Value::TinyInt(value) => integer(*value),
        Value::SmallInt(value) => integer(*value),
        Value::Int(value) => integer(*value),
        Value::BigInt(value) => integer(*value),
        Value::TinyUnsigned(value) => integer(*value),
        Value::SmallUnsigned(value) => integer(*value),
        Value::Unsigned(value) => integer(*value),
        Value::BigUnsigned(value) => {
            let value = value.map(i64::try_from).transpose();
            integer(value.map_err(|_| refused("a `u64` above `i64::MAX` has no place in a column of 64 bits, signed"))?)
        }
        Value::Float(value) => real(value.map(f64::from))?,
        Value::Double(value) => real(*value)?,
        Value::String(value) => text(value.as_deref()),
        Value::Enum(OptionEnum::Some(value)) => text(Some(&value.value)),
        Value::Enum(OptionEnum::None(_)) => text(None),
        Value::Char(value) => match value {
            Some(value) => ToSqlOutput::Owned(Owned::Text(value.to_string())),
            None => text(None),
        },
        Value::Bytes(value) => ToSqlOutput::Borrowed(value.as_deref().map_or(ValueRef::Null, ValueRef::Blob)),
        #[cfg(feature = "serde_json")]
        Value::Json(value) => owned_text(value.as_deref().map(crate::value::json_text).transpose().map_err(refused)?),
        #[cfg(feature = "uuid")]
        Value::Uuid(value) => owned_text(value.map(|value| value.hyphenated().to_string())),
        #[cfg(feature = "rust_decimal")]
        Value::Decimal(value) => owned_text(value.map(|value| value.to_string())),
        #[cfg(feature = "chrono")]
        Value::ChronoDate(value) => moment(*value, |value| civil::write_date(chrono::civil_date(value)))?,
        #[cfg(feature = "chrono")]
        Value::ChronoTime(value) => moment(*value, |value| Ok(civil::write_time(chrono::civil_time(value))))?,
        #[cfg(feature = "chrono")]
        Value::ChronoDateTime(value) => moment(*value, write_chrono)?,
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeUtc(value) => moment(value.map(|value| value.naive_utc()), write_chrono)?,
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeLocal(value) => moment(value.map(|value| value.naive_utc()), write_chrono)?,
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeWithTimeZone(value) => moment(value.map(|value| value.naive_utc()), write_chrono)?,
        #[cfg(feature = "time")]
        Value::TimeDate(value) => moment(*value, |value| civil::write_date(time::civil_date(value)))?,
        #[cfg(feature = "time")]
        Value::TimeTime(value) => moment(*value, |value| Ok(civil::write_time(time::civil_time(value))))?,
        #[cfg(feature = "time")]
        Value::TimeDateTime(value) => moment(*value, write_time)?,
        #[cfg(feature = "time")]
        Value::TimeDateTimeWithTimeZone(value) => moment(*value, |value| write_time(time::utc(value)?))?,
        #[allow(unreachable_patterns, reason = "which types of value there are depends on features of sea-query")]
        _ => {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "SQLite has no arrays: bind a JSON text and read it by `json_each`",
            ));
        }
    })
}

#[cfg(any(feature = "chrono", feature = "time"))]
use crate::value::civil;

#[cfg(feature = "chrono")]
use crate::value::chrono;

#[cfg(feature = "time")]
use crate::value::time;

#[cfg(feature = "chrono")]
fn write_chrono(value: ::chrono::NaiveDateTime) -> Result<civil::ShortText, crate::value::DecodeError> {
    civil::write_timestamp(chrono::civil_date(value.date()), chrono::civil_time(value.time()))
}

#[cfg(feature = "time")]
fn write_time(value: ::time::PrimitiveDateTime) -> Result<civil::ShortText, crate::value::DecodeError> {
    civil::write_timestamp(time::civil_date(value.date()), time::civil_time(value.time()))
}
