//! `bool`, the integers and the floats as columns.

use sea_query::Value;

use super::{
    ColumnType, DecodeError, Raw,
    mysql::{MySqlType, digits},
    numeric::Numeric,
    oid,
    raw::fixed,
};
use crate::schema::SqlType;

#[diagnostic::do_not_recommend]
impl ColumnType for bool {
    type Ref<'r> = bool;
    const SQL_TYPE: SqlType = SqlType::Boolean;

    fn get(&self) -> bool {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        match raw {
            Raw::Integer(0) => Ok(false),
            Raw::Integer(1) => Ok(true),
            Raw::Integer(other) => Err(DecodeError::new(format!("found the integer {other}, expected 0 or 1"))),
            Raw::Postgres { oid: oid::BOOL, bytes } => Ok(fixed::<1>(bytes)? != [0]),
            Raw::MySql { .. } => match raw.integer()? {
                0 => Ok(false),
                1 => Ok(true),
                other => Err(DecodeError::new(format!("found the integer {other}, expected 0 or 1"))),
            },
            other => Err(other.unexpected("a boolean")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Bool(Some(*self))
    }

    fn null() -> Value {
        Value::Bool(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Bool(Some(value)) => Ok(*value),
            other => Err(wrong_value(other, "a boolean")),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

/// The error for a bound value that is null or of another type.
#[cold]
pub(crate) fn wrong_value(found: &Value, expected: &str) -> DecodeError {
    if *found == found.as_null() {
        return DecodeError::new(format!("found NULL, expected {expected}"));
    }
    // The name of the variant only: the value may be sensitive.
    let debug = format!("{found:?}");
    let variant = debug.split(['(', ' ']).next().unwrap_or_default();
    DecodeError::new(format!("found a value of type {variant}, expected {expected}"))
}

/// The whole number in a bound value, of whatever width.
pub(crate) fn whole(value: &Value) -> Option<i128> {
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

#[cold]
fn out_of_range(found: impl std::fmt::Display, rust: &str) -> DecodeError {
    DecodeError::new(format!("found {found}, which does not fit `{rust}`"))
}

macro_rules! integer {
    ($($rust:ident => $variant:ident, $sql:ident, $read:ident;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl ColumnType for $rust {
            type Ref<'r> = $rust;
            const SQL_TYPE: SqlType = SqlType::$sql;

            #[inline]
            fn get(&self) -> $rust {
                *self
            }

            #[inline]
            fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
                let found = raw.$read()?;
                <$rust>::try_from(found).map_err(|_| out_of_range(found, stringify!($rust)))
            }

            #[inline]
            fn to_value(&self) -> Value {
                Value::$variant(Some(*self))
            }

            fn null() -> Value {
                Value::$variant(None)
            }

            fn from_value(value: &Value) -> Result<Self, DecodeError> {
                if let Value::$variant(Some(value)) = value {
                    return Ok(*value);
                }
                let found = whole(value).ok_or_else(|| wrong_value(value, "an integer"))?;
                <$rust>::try_from(found).map_err(|_| out_of_range(found, stringify!($rust)))
            }

            #[inline]
            fn same(&self, other: &Self) -> bool {
                self == other
            }
        }
    )* };
}

// SQLite and PostgreSQL have signed integers only: an unsigned one takes the next wider column. `u64` has no wider one, so a value
// above `i64::MAX` is refused when it is bound, before anything is sent; MySQL has BIGINT UNSIGNED, for tables that were made so.
integer! {
    i8 => TinyInt, SmallInt, integer;
    i16 => SmallInt, SmallInt, integer;
    i32 => Int, Integer, integer;
    i64 => BigInt, BigInt, integer;
    u8 => TinyUnsigned, SmallInt, integer;
    u16 => SmallUnsigned, Integer, integer;
    u32 => Unsigned, BigInt, integer;
    u64 => BigUnsigned, BigInt, whole;
}

fn double(raw: Raw<'_>) -> Result<f64, DecodeError> {
    match raw {
        Raw::Real(value) => Ok(value),
        // SQLite gives an integer where an expression happens to be whole.
        #[expect(clippy::cast_precision_loss, reason = "what SQLite itself does when it converts to REAL")]
        Raw::Integer(value) => Ok(value as f64),
        Raw::Postgres { oid: oid::FLOAT8, bytes } => Ok(f64::from_be_bytes(fixed(bytes)?)),
        Raw::Postgres { oid: oid::FLOAT4, bytes } => Ok(f32::from_be_bytes(fixed(bytes)?).into()),
        // What `avg` gives.
        Raw::Postgres { oid: oid::NUMERIC, bytes } => Numeric::parse(bytes)?.to_f64(),
        Raw::Postgres { oid: oid::INT2 | oid::INT4 | oid::INT8, .. } =>
        {
            #[expect(clippy::cast_precision_loss, reason = "what PostgreSQL itself does when it converts to double")]
            raw.integer().map(|value| value as f64)
        }
        Raw::MySql { column: MySqlType::Double, bytes } => Ok(f64::from_le_bytes(fixed(bytes)?)),
        Raw::MySql { column: MySqlType::Float, bytes } => Ok(f32::from_le_bytes(fixed(bytes)?).into()),
        // What AVG gives.
        Raw::MySql { column: MySqlType::Decimal, bytes } => {
            digits(bytes)?.parse().map_err(|_| DecodeError::new("found a decimal that is not made of digits"))
        }
        Raw::MySql { column, bytes } => match column.whole(bytes) {
            #[expect(clippy::cast_precision_loss, reason = "what the server itself does when it converts to DOUBLE")]
            Some(number) => number.map(|number| number as f64),
            None => Err(raw.unexpected("a floating point number")),
        },
        other => Err(other.unexpected("a floating point number")),
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for f64 {
    type Ref<'r> = f64;
    const SQL_TYPE: SqlType = SqlType::Double;

    #[inline]
    fn get(&self) -> f64 {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        double(raw)
    }

    fn to_value(&self) -> Value {
        Value::Double(Some(*self))
    }

    fn null() -> Value {
        Value::Double(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Double(Some(value)) => Ok(*value),
            Value::Float(Some(value)) => Ok((*value).into()),
            other => Err(wrong_value(other, "a floating point number")),
        }
    }

    /// Compares bits: NaN is itself, and 0.0 is not -0.0.
    fn same(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits()
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for f32 {
    type Ref<'r> = f32;
    const SQL_TYPE: SqlType = SqlType::Real;

    #[inline]
    fn get(&self) -> f32 {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        if let Raw::Postgres { oid: oid::FLOAT4, bytes } = raw {
            return Ok(f32::from_be_bytes(fixed(bytes)?));
        }
        if let Raw::MySql { column: MySqlType::Float, bytes } = raw {
            return Ok(f32::from_le_bytes(fixed(bytes)?));
        }
        let wide = double(raw)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked: rounds to the nearest, and overflow is refused below"
        )]
        let narrow = wide as f32;
        if narrow.is_infinite() && wide.is_finite() {
            return Err(out_of_range(wide, "f32"));
        }
        Ok(narrow)
    }

    fn to_value(&self) -> Value {
        Value::Float(Some(*self))
    }

    fn null() -> Value {
        Value::Float(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Float(Some(value)) => Ok(*value),
            other => Err(wrong_value(other, "a 32-bit floating point number")),
        }
    }

    /// Compares bits: NaN is itself, and 0.0 is not -0.0.
    fn same(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits()
    }
}
