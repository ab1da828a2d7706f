//! How a value is bound on PostgreSQL: its type and its binary form.

use sea_query::{ArrayType, OptionEnum};
use sqlx::{
    Arguments as _, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo, types::Oid},
};

use crate::{
    error::{Error, ErrorKind, Result},
    value::{Value, oid},
};

/// The arguments of a statement.
///
/// # Errors
/// [`ErrorKind::Value`] for what PostgreSQL cannot hold: NUL in text, an integer of more than 63 bits.
pub(super) fn arguments(values: &[Value]) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    arguments.reserve(values.len(), values.len() * 8);
    for value in values {
        arguments.add(Bound(value)).map_err(|error| {
            error.downcast::<Refused>().map_or_else(
                |error| Error::new(ErrorKind::Value, "a value cannot be encoded").with_source(error),
                |refused| Error::new(refused.kind, refused.message),
            )
        })?;
    }
    Ok(arguments)
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
struct Bound<'v>(&'v Value);

impl Type<Postgres> for Bound<'_> {
    fn type_info() -> PgTypeInfo {
        // Never asked: `produces` answers.
        PgTypeInfo::with_oid(Oid(oid::TEXT))
    }
}

impl<'q> Encode<'q, Postgres> for Bound<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> std::result::Result<IsNull, BoxDynError> {
        encode(self.0, buffer)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(type_of(self.0))))
    }

    fn size_hint(&self) -> usize {
        match self.0 {
            Value::String(Some(text)) => text.len(),
            Value::Bytes(Some(bytes)) => bytes.len(),
            _ => 8,
        }
    }
}

/// The type that the server infers from where the placeholder stands.
const INFERRED: u32 = 0;

/// Whether the server infers the type of a value.
pub(super) fn is_inferred(value: &Value) -> bool {
    type_of(value) == INFERRED
}

/// The identifier of the type that a value is sent as.
pub(super) fn type_of(value: &Value) -> u32 {
    match value {
        Value::Bool(_) => oid::BOOL,
        Value::TinyInt(_) | Value::SmallInt(_) | Value::TinyUnsigned(_) => oid::INT2,
        Value::Int(_) | Value::SmallUnsigned(_) => oid::INT4,
        Value::BigInt(_) | Value::Unsigned(_) | Value::BigUnsigned(_) => oid::INT8,
        Value::Float(_) => oid::FLOAT4,
        Value::Double(_) => oid::FLOAT8,
        // The identifier of a user's enum differs from database to database; its binary form is the text of the label.
        Value::Enum(_) => INFERRED,
        Value::Bytes(_) => oid::BYTEA,
        #[cfg(feature = "serde_json")]
        Value::Json(_) => oid::JSONB,
        #[cfg(feature = "uuid")]
        Value::Uuid(_) => oid::UUID,
        #[cfg(feature = "rust_decimal")]
        Value::Decimal(_) => oid::NUMERIC,
        #[cfg(feature = "chrono")]
        Value::ChronoDate(_) => oid::DATE,
        #[cfg(feature = "chrono")]
        Value::ChronoTime(_) => oid::TIME,
        #[cfg(feature = "chrono")]
        Value::ChronoDateTime(_) => oid::TIMESTAMP,
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeUtc(_) | Value::ChronoDateTimeLocal(_) | Value::ChronoDateTimeWithTimeZone(_) => {
            oid::TIMESTAMPTZ
        }
        #[cfg(feature = "time")]
        Value::TimeDate(_) => oid::DATE,
        #[cfg(feature = "time")]
        Value::TimeTime(_) => oid::TIME,
        #[cfg(feature = "time")]
        Value::TimeDateTime(_) => oid::TIMESTAMP,
        #[cfg(feature = "time")]
        Value::TimeDateTimeWithTimeZone(_) => oid::TIMESTAMPTZ,
        Value::Array(element, _) => array_of(element_type(element)),
        _ => oid::TEXT,
    }
}

/// The identifier of the type of an array's elements. Enums go as text: cast the array (`$1::mood[]`).
fn element_type(element: &ArrayType) -> u32 {
    match element {
        ArrayType::Bool => oid::BOOL,
        ArrayType::TinyInt | ArrayType::SmallInt | ArrayType::TinyUnsigned => oid::INT2,
        ArrayType::Int | ArrayType::SmallUnsigned => oid::INT4,
        ArrayType::BigInt | ArrayType::Unsigned | ArrayType::BigUnsigned => oid::INT8,
        ArrayType::Float => oid::FLOAT4,
        ArrayType::Double => oid::FLOAT8,
        ArrayType::Bytes => oid::BYTEA,
        #[cfg(feature = "serde_json")]
        ArrayType::Json => oid::JSONB,
        #[cfg(feature = "uuid")]
        ArrayType::Uuid => oid::UUID,
        #[cfg(feature = "rust_decimal")]
        ArrayType::Decimal => oid::NUMERIC,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoDate => oid::DATE,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoTime => oid::TIME,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoDateTime => oid::TIMESTAMP,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoDateTimeUtc | ArrayType::ChronoDateTimeLocal | ArrayType::ChronoDateTimeWithTimeZone => {
            oid::TIMESTAMPTZ
        }
        #[cfg(feature = "time")]
        ArrayType::TimeDate => oid::DATE,
        #[cfg(feature = "time")]
        ArrayType::TimeTime => oid::TIME,
        #[cfg(feature = "time")]
        ArrayType::TimeDateTime => oid::TIMESTAMP,
        #[cfg(feature = "time")]
        ArrayType::TimeDateTimeWithTimeZone => oid::TIMESTAMPTZ,
        _ => oid::TEXT,
    }
}

/// The identifier of the array type over a type.
fn array_of(element: u32) -> u32 {
    match element {
        oid::BOOL => 1000,
        oid::BYTEA => 1001,
        oid::INT2 => 1005,
        oid::INT4 => 1007,
        oid::INT8 => 1016,
        oid::FLOAT4 => 1021,
        oid::FLOAT8 => 1022,
        oid::TIMESTAMP => 1115,
        oid::DATE => 1182,
        oid::TIME => 1183,
        oid::TIMESTAMPTZ => 1185,
        oid::NUMERIC => 1231,
        oid::UUID => 2951,
        oid::JSONB => 3807,
        _ => 1009,
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

fn put_text(buffer: &mut Vec<u8>, text: Option<&str>) -> Encoded {
    let Some(text) = text else { return Ok(IsNull::Yes) };
    // The server would refuse it as well, after the round trip and with the transaction lost.
    if text.as_bytes().contains(&0) {
        return Err(refused("PostgreSQL holds no NUL character in text"));
    }
    buffer.extend_from_slice(text.as_bytes());
    Ok(IsNull::No)
}

#[cfg(any(feature = "chrono", feature = "time"))]
fn put_micros(buffer: &mut Vec<u8>, micros: Option<i64>) -> Encoded {
    put(buffer, micros.map(i64::to_be_bytes))
}

fn encode(value: &Value, buffer: &mut Vec<u8>) -> Encoded {
    #[cfg(feature = "chrono")]
    use crate::value::chrono;
    #[cfg(feature = "time")]
    use crate::value::time;

    match value {
        Value::Bool(value) => put(buffer, value.map(|value| [u8::from(value)])),
        Value::TinyInt(value) => put(buffer, value.map(|value| i16::from(value).to_be_bytes())),
        Value::SmallInt(value) => put(buffer, value.map(i16::to_be_bytes)),
        Value::TinyUnsigned(value) => put(buffer, value.map(|value| i16::from(value).to_be_bytes())),
        Value::Int(value) => put(buffer, value.map(i32::to_be_bytes)),
        Value::SmallUnsigned(value) => put(buffer, value.map(|value| i32::from(value).to_be_bytes())),
        Value::BigInt(value) => put(buffer, value.map(i64::to_be_bytes)),
        Value::Unsigned(value) => put(buffer, value.map(|value| i64::from(value).to_be_bytes())),
        Value::BigUnsigned(value) => {
            let value = value.map(i64::try_from).transpose();
            let value =
                value.map_err(|_| refused("a `u64` above `i64::MAX` has no place in a column of 64 bits, signed"))?;
            put(buffer, value.map(i64::to_be_bytes))
        }
        Value::Float(value) => put(buffer, value.map(f32::to_be_bytes)),
        Value::Double(value) => put(buffer, value.map(f64::to_be_bytes)),
        Value::String(value) => put_text(buffer, value.as_deref()),
        Value::Enum(OptionEnum::Some(value)) => put_text(buffer, Some(&value.value)),
        Value::Enum(OptionEnum::None(_)) => Ok(IsNull::Yes),
        Value::Char(value) => put_text(buffer, value.map(|value| value.to_string()).as_deref()),
        Value::Bytes(None) => Ok(IsNull::Yes),
        Value::Bytes(Some(bytes)) => {
            buffer.extend_from_slice(bytes);
            Ok(IsNull::No)
        }
        #[cfg(feature = "serde_json")]
        Value::Json(None) => Ok(IsNull::Yes),
        #[cfg(feature = "serde_json")]
        Value::Json(Some(json)) => {
            let text = crate::value::json_text(json).map_err(refused)?;
            // In JSON a NUL is spelled `\u0000`, which JSONB refuses too; a `\\u0000` is text that happens to look like it.
            if has_escaped_nul(&text) {
                return Err(refused("PostgreSQL holds no NUL character in JSON"));
            }
            // The version of the binary form.
            buffer.push(1);
            put_text(buffer, Some(&text))
        }
        #[cfg(feature = "uuid")]
        Value::Uuid(value) => put(buffer, value.map(|value| *value.as_bytes())),
        #[cfg(feature = "rust_decimal")]
        Value::Decimal(value) => match value {
            None => Ok(IsNull::Yes),
            Some(value) => {
                let scale = u16::try_from(value.scale()).map_err(|_| refused("a decimal of too large a scale"))?;
                crate::value::numeric::write_numeric(buffer, value.mantissa(), scale);
                Ok(IsNull::No)
            }
        },
        #[cfg(feature = "chrono")]
        Value::ChronoDate(value) => put(buffer, value.map(|value| chrono::days(value).to_be_bytes())),
        #[cfg(feature = "chrono")]
        Value::ChronoTime(value) => put_micros(buffer, value.map(chrono::time_micros)),
        #[cfg(feature = "chrono")]
        Value::ChronoDateTime(value) => put_micros(buffer, value.map(chrono::micros)),
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeUtc(value) => put_micros(buffer, value.map(|value| chrono::micros(value.naive_utc()))),
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeLocal(value) => put_micros(buffer, value.map(|value| chrono::micros(value.naive_utc()))),
        #[cfg(feature = "chrono")]
        Value::ChronoDateTimeWithTimeZone(value) => {
            put_micros(buffer, value.map(|value| chrono::micros(value.naive_utc())))
        }
        #[cfg(feature = "time")]
        Value::TimeDate(value) => put(buffer, value.map(|value| time::days(value).to_be_bytes())),
        #[cfg(feature = "time")]
        Value::TimeTime(value) => put_micros(buffer, value.map(time::time_micros)),
        #[cfg(feature = "time")]
        Value::TimeDateTime(value) => put_micros(buffer, value.map(time::micros)),
        #[cfg(feature = "time")]
        Value::TimeDateTimeWithTimeZone(value) => {
            let utc = value.map(time::utc).transpose().map_err(|error| refused(error.reason()))?;
            put_micros(buffer, utc.map(time::micros))
        }
        Value::Array(element, values) => encode_array(element, values.as_deref().map(Vec::as_slice), buffer),
        #[allow(unreachable_patterns, reason = "which types of value there are depends on features of sea-query")]
        _ => Err(Box::new(Refused {
            kind: ErrorKind::Unsupported,
            message: "a type of value that has no encoding here".into(),
        })),
    }
}

#[cfg(feature = "serde_json")]
fn has_escaped_nul(json: &str) -> bool {
    json.match_indices("\\u0000").any(|(at, _)| {
        let before = json.as_bytes().iter().take(at).rev().take_while(|byte| **byte == b'\\').count();
        before % 2 == 0
    })
}

fn encode_array(element: &ArrayType, values: Option<&[Value]>, buffer: &mut Vec<u8>) -> Encoded {
    let Some(values) = values else { return Ok(IsNull::Yes) };
    let length = i32::try_from(values.len()).map_err(|_| refused("an array of more than 2^31 elements"))?;
    // Dimensions, a flag that the server computes itself, the type of the elements.
    buffer.extend_from_slice(&i32::from(length > 0).to_be_bytes());
    buffer.extend_from_slice(&0_i32.to_be_bytes());
    buffer.extend_from_slice(&element_type(element).to_be_bytes());
    if length == 0 {
        return Ok(IsNull::No);
    }
    // The length and the lower bound of the only dimension.
    buffer.extend_from_slice(&length.to_be_bytes());
    buffer.extend_from_slice(&1_i32.to_be_bytes());
    for value in values {
        let start = buffer.len();
        buffer.extend_from_slice(&(-1_i32).to_be_bytes());
        if let IsNull::No = encode(value, buffer)? {
            let size =
                i32::try_from(buffer.len() - start - 4).map_err(|_| refused("an array element of more than 2 GB"))?;
            if let Some(place) = buffer.get_mut(start..start + 4) {
                place.copy_from_slice(&size.to_be_bytes());
            }
        }
    }
    Ok(IsNull::No)
}
