//! `rust_decimal::Decimal` as a column.

use rust_decimal::Decimal;
use sea_query::Value;

use super::{
    ColumnType, DecodeError, Raw,
    mysql::{MySqlType, digits},
    number::wrong_value,
    numeric::Numeric,
    oid,
};
use crate::schema::SqlType;

const EXPECTED: &str = "a decimal of at most 28 digits";

#[diagnostic::do_not_recommend]
impl ColumnType for Decimal {
    type Ref<'r> = Decimal;
    const SQL_TYPE: SqlType = SqlType::Decimal;

    fn get(&self) -> Decimal {
        *self
    }

    /// Reads the exact text that is written, and also what an SQLite column of another affinity made of it.
    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        let beyond = || DecodeError::new(format!("found a number of too many digits, expected {EXPECTED}"));
        match raw {
            Raw::Text(_) => Decimal::from_str_exact(raw.text()?)
                .map_err(|_| DecodeError::new(format!("found a text that is no such number, expected {EXPECTED}"))),
            Raw::Integer(value) => Ok(value.into()),
            // By way of the shortest text that is this float: 0.1 is 0.1.
            Raw::Real(value) => value.to_string().parse().map_err(|_| beyond()),
            Raw::Postgres { oid: oid::NUMERIC, bytes } => {
                let (mut mantissa, mut scale) = Numeric::parse(bytes)?.mantissa().ok_or_else(beyond)?;
                while scale > Decimal::MAX_SCALE && mantissa % 10 == 0 {
                    mantissa /= 10;
                    scale -= 1;
                }
                Decimal::try_from_i128_with_scale(mantissa, scale).map_err(|_| beyond())
            }
            Raw::Postgres { oid: oid::INT2 | oid::INT4 | oid::INT8, .. } => raw.integer().map(Decimal::from),
            Raw::MySql { column: MySqlType::Decimal, bytes } => {
                let text = digits(bytes)?;
                // A column of `create_all` has more digits after the point than the type: zeros, all of those that are too many.
                let text = match text.split_once('.') {
                    Some((_, fraction)) if fraction.len() > Decimal::MAX_SCALE as usize => {
                        text.trim_end_matches('0').trim_end_matches('.')
                    }
                    _ => text,
                };
                Decimal::from_str_exact(text).map_err(|_| beyond())
            }
            Raw::MySql { column, bytes } if column.whole(bytes).is_some() => {
                raw.whole().and_then(|number| Decimal::try_from_i128_with_scale(number, 0).map_err(|_| beyond()))
            }
            other => Err(other.unexpected(EXPECTED)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Decimal(Some(*self))
    }

    fn null() -> Value {
        Value::Decimal(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Decimal(Some(value)) => Ok(*value),
            other => Err(wrong_value(other, "a decimal")),
        }
    }

    /// Compares digits as well: 1.0 and 1.00 are equal numbers, and SQLite and PostgreSQL keep which of them it was.
    fn same(&self, other: &Self) -> bool {
        self == other && self.scale() == other.scale()
    }
}
