//! How a value is bound on MySQL: its type and its binary form.

use std::cell::Cell;

use sea_query::OptionEnum;
use sqlx::{
    Arguments as _, Encode, MySql, Type,
    encode::IsNull,
    error::BoxDynError,
    mysql::{MySqlArguments, MySqlTypeInfo},
};

#[cfg(any(feature = "chrono", feature = "time"))]
use sqlx::mysql::types::MySqlTime;

#[cfg(any(feature = "chrono", feature = "time", feature = "rust_decimal"))]
use super::types;
use crate::{
    error::{Error, ErrorKind, Result},
    value::Value,
};

/// The arguments of a statement, and how many bytes they are on their way.
///
/// # Errors
/// [`ErrorKind::Value`] for what MySQL cannot hold: NaN and infinities, a year that is not of four digits;
/// [`ErrorKind::Unsupported`] for arrays.
pub(super) fn arguments(values: &[Value]) -> Result<(MySqlArguments, usize)> {
    let mut arguments = MySqlArguments::default();
    let written = Cell::new(0);
    arguments.reserve(values.len(), values.len() * 8);
    for value in values {
        arguments.add(Bound { value, written: &written }).map_err(|error| {
            error.downcast::<Refused>().map_or_else(
                |error| Error::new(ErrorKind::Value, "a value cannot be encoded").with_source(error),
                |refused| Error::new(refused.kind, refused.message),
            )
        })?;
    }
    // The head of the packet, a bit and two bytes of type for each value.
    let bytes = written.get() + values.len() / 8 + values.len() * 2 + 16;
    Ok((arguments, bytes))
}

/// Why a value cannot be sent; on its way through the driver's error type.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Refused {
    kind: ErrorKind,
    message: String,
}

#[cold]
fn refused(message: impl Into<String>) -> BoxDynError {
    Box::new(Refused { kind: ErrorKind::Value, message: message.into() })
}

#[derive(Clone, Copy)]
struct Bound<'v> {
    value: &'v Value,
    /// The length of what all values are written to.
    written: &'v Cell<usize>,
}

impl Type<MySql> for Bound<'_> {
    fn type_info() -> MySqlTypeInfo {
        // Never asked: `produces` answers.
        <str as Type<MySql>>::type_info()
    }
}

impl<'q> Encode<'q, MySql> for Bound<'_> {
    fn encode_by_ref(&self, buffer: &mut Vec<u8>) -> std::result::Result<IsNull, BoxDynError> {
        let encoded = encode(self.value, buffer);
        self.written.set(buffer.len());
        encoded
    }

    fn produces(&self) -> Option<MySqlTypeInfo> {
        Some(type_of(self.value))
    }
}

/// The type that a value is sent as.
fn type_of(value: &Value) -> MySqlTypeInfo {
    fn of<T: Type<MySql> + ?Sized>() -> MySqlTypeInfo {
        T::type_info()
    }
    match value {
        Value::Bool(_) | Value::TinyInt(_) => of::<i8>(),
        Value::SmallInt(_) => of::<i16>(),
        Value::Int(_) => of::<i32>(),
        Value::BigInt(_) => of::<i64>(),
        Value::TinyUnsigned(_) => of::<u8>(),
        Value::SmallUnsigned(_) => of::<u16>(),
        Value::Unsigned(_) => of::<u32>(),
        Value::BigUnsigned(_) => of::<u64>(),
        Value::Float(_) => of::<f32>(),
        Value::Double(_) => of::<f64>(),
        Value::Bytes(_) => of::<[u8]>(),
        #[cfg(feature = "uuid")]
        Value::Uuid(_) => of::<[u8]>(),
        // As text it would be compared as a floating point number.
        #[cfg(feature = "rust_decimal")]
        Value::Decimal(_) => types::decimal(),
        #[cfg(feature = "chrono")]
        Value::ChronoDate(_) => types::date(),
        #[cfg(feature = "chrono")]
        Value::ChronoTime(_) => of::<MySqlTime>(),
        #[cfg(feature = "chrono")]
        Value::ChronoDateTime(_)
        | Value::ChronoDateTimeUtc(_)
        | Value::ChronoDateTimeLocal(_)
        | Value::ChronoDateTimeWithTimeZone(_) => types::moment(),
        #[cfg(feature = "time")]
        Value::TimeDate(_) => types::date(),
        #[cfg(feature = "time")]
        Value::TimeTime(_) => of::<MySqlTime>(),
        #[cfg(feature = "time")]
        Value::TimeDateTime(_) | Value::TimeDateTimeWithTimeZone(_) => types::moment(),
        _ => of::<str>(),
    }
}

type Encoded = std::result::Result<IsNull, BoxDynError>;

fn put<const N: usize>(buffer: &mut Vec<u8>, bytes: Option<[u8; N]>) -> Encoded {
    match bytes {
        None => Ok(IsNull::Yes),
        Some(bytes) => {
            buffer.extend_from_slice(&bytes);
            Ok(IsNull::No)
        }
    }
}

/// Bytes after their length.
fn put_bytes(buffer: &mut Vec<u8>, bytes: Option<&[u8]>) -> Encoded {
    match bytes {
        None => Ok(IsNull::Yes),
        Some(bytes) => <&[u8] as Encode<'_, MySql>>::encode_by_ref(&bytes, buffer),
    }
}

fn put_text(buffer: &mut Vec<u8>, text: Option<&str>) -> Encoded {
    put_bytes(buffer, text.map(str::as_bytes))
}

/// A finite number.
fn finite(number: f64) -> std::result::Result<(), BoxDynError> {
    if number.is_finite() { Ok(()) } else { Err(refused("MySQL has no NaN and no infinity")) }
}

fn encode(value: &Value, buffer: &mut Vec<u8>) -> Encoded {
    #[cfg(feature = "chrono")]
    use crate::value::chrono;
    #[cfg(feature = "time")]
    use crate::value::time;

    match value {
        Value::Bool(value) => put(buffer, value.map(|value| [u8::from(value)])),
        Value::TinyInt(value) => put(buffer, value.map(i8::to_le_bytes)),
        Value::SmallInt(value) => put(buffer, value.map(i16::to_le_bytes)),
        Value::Int(value) => put(buffer, value.map(i32::to_le_bytes)),
        Value::BigInt(value) => put(buffer, value.map(i64::to_le_bytes)),
        Value::TinyUnsigned(value) => put(buffer, value.map(u8::to_le_bytes)),
        Value::SmallUnsigned(value) => put(buffer, value.map(u16::to_le_bytes)),
        Value::Unsigned(value) => put(buffer, value.map(u32::to_le_bytes)),
        Value::BigUnsigned(value) => put(buffer, value.map(u64::to_le_bytes)),
        Value::Float(value) => {
            value.map_or(Ok(()), |value| finite(value.into()))?;
            put(buffer, value.map(f32::to_le_bytes))
        }
        Value::Double(value) => {
            value.map_or(Ok(()), finite)?;
            put(buffer, value.map(f64::to_le_bytes))
        }
        Value::String(value) => put_text(buffer, value.as_deref()),
        Value::Enum(OptionEnum::Some(value)) => put_text(buffer, Some(&value.value)),
        Value::Enum(OptionEnum::None(_)) => Ok(IsNull::Yes),
        Value::Char(value) => put_text(buffer, value.map(|value| value.to_string()).as_deref()),
        Value::Bytes(value) => put_bytes(buffer, value.as_deref()),
        #[cfg(feature = "serde_json")]
        Value::Json(value) => {
            let text = value.as_deref().map(crate::value::json_text).transpose().map_err(refused)?;
            put_text(buffer, text.as_deref())
        }
        #[cfg(feature = "uuid")]
        Value::Uuid(value) => put_bytes(buffer, value.as_ref().map(|value| value.as_bytes().as_slice())),
        #[cfg(feature = "rust_decimal")]
        Value::Decimal(value) => put_text(buffer, value.map(|value| value.to_string()).as_deref()),
        #[cfg(feature = "chrono")]
        Value::ChronoDate(value) => moments::date(buffer, value.map(chrono::civil_date)),
        #[cfg(feature = "chrono")]
        Value::ChronoTime(value) => moments::time(buffer, value.map(chrono::civil_time)),
        #[cfg(feature = "chrono")]
        Value::ChronoDateTime(value) => moments::moment(buffer, value.map(moments::chrono)),
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeUtc(value) => {
            moments::moment(buffer, value.map(|value| moments::chrono(value.naive_utc())))
        }
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeLocal(value) => {
            moments::moment(buffer, value.map(|value| moments::chrono(value.naive_utc())))
        }
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeWithTimeZone(value) => {
            moments::moment(buffer, value.map(|value| moments::chrono(value.naive_utc())))
        }
        #[cfg(feature = "time")]
        Value::TimeDate(value) => moments::date(buffer, value.map(time::civil_date)),
        #[cfg(feature = "time")]
        Value::TimeTime(value) => moments::time(buffer, value.map(time::civil_time)),
        #[cfg(feature = "time")]
        Value::TimeDateTime(value) => moments::moment(buffer, value.map(moments::time_crate)),
        #[cfg(feature = "time")]
        Value::TimeDateTimeWithTimeZone(value) => {
            let utc = value.map(time::utc).transpose().map_err(|error| refused(error.reason()))?;
            moments::moment(buffer, utc.map(moments::time_crate))
        }
        #[allow(unreachable_patterns, reason = "which types of value there are depends on features of sea-query")]
        _ => Err(Box::new(Refused {
            kind: ErrorKind::Unsupported,
            message: "MySQL has no arrays: bind a JSON text and read it by JSON_TABLE".into(),
        })),
    }
}

#[cfg(any(feature = "chrono", feature = "time"))]
mod moments {
    use sqlx::encode::IsNull;

    use super::{Encoded, refused};
    use crate::value::civil::{CivilDate, CivilTime};

    #[cfg(feature = "chrono")]
    pub(super) fn chrono(moment: ::chrono::NaiveDateTime) -> (CivilDate, CivilTime) {
        use crate::value::chrono::{civil_date, civil_time};
        (civil_date(moment.date()), civil_time(moment.time()))
    }

    #[cfg(feature = "time")]
    pub(super) fn time_crate(moment: ::time::PrimitiveDateTime) -> (CivilDate, CivilTime) {
        use crate::value::time::{civil_date, civil_time};
        (civil_date(moment.date()), civil_time(moment.time()))
    }

    fn day(date: CivilDate) -> Result<[u8; 4], sqlx::error::BoxDynError> {
        let year = u16::try_from(date.year).ok().filter(|year| *year <= 9999).ok_or_else(|| {
            refused(format!("the year {} has no place in a date of MySQL, expected 0 to 9999", date.year))
        })?;
        let [low, high] = year.to_le_bytes();
        Ok([low, high, date.month, date.day])
    }

    fn time_of_day(buffer: &mut Vec<u8>, time: CivilTime) {
        buffer.extend_from_slice(&[time.hour, time.minute, time.second]);
        buffer.extend_from_slice(&time.micros.to_le_bytes());
    }

    pub(super) fn date(buffer: &mut Vec<u8>, date: Option<CivilDate>) -> Encoded {
        let Some(date) = date else { return Ok(IsNull::Yes) };
        buffer.push(4);
        buffer.extend_from_slice(&day(date)?);
        Ok(IsNull::No)
    }

    pub(super) fn moment(buffer: &mut Vec<u8>, moment: Option<(CivilDate, CivilTime)>) -> Encoded {
        let Some((date, time)) = moment else { return Ok(IsNull::Yes) };
        buffer.push(11);
        buffer.extend_from_slice(&day(date)?);
        time_of_day(buffer, time);
        Ok(IsNull::No)
    }

    pub(super) fn time(buffer: &mut Vec<u8>, time: Option<CivilTime>) -> Encoded {
        let Some(time) = time else { return Ok(IsNull::Yes) };
        // Its length, no sign, no days.
        buffer.extend_from_slice(&[12, 0, 0, 0, 0, 0]);
        time_of_day(buffer, time);
        Ok(IsNull::No)
    }
}
