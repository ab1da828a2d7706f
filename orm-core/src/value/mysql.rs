//! The binary forms that MySQL and MariaDB send a cell in, and what a person calls its type.

#![cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "no other database sends these"))]

use super::{DecodeError, raw::fixed};

/// The type of a column of a result, as far as it decides how bytes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "they are the server's own names")]
pub enum MySqlType {
    TinyInt,
    SmallInt,
    /// MEDIUMINT as well: four bytes both.
    Int,
    BigInt,
    UnsignedTinyInt,
    UnsignedSmallInt,
    UnsignedInt,
    UnsignedBigInt,
    Year,
    Bit,
    Float,
    Double,
    /// The digits as text.
    Decimal,
    /// Also ENUM and SET, whose labels are text.
    Text,
    Json,
    /// BINARY, VARBINARY and the BLOBs.
    Bytes,
    Date,
    Time,
    DateTime,
    Timestamp,
    /// A type that nothing here reads.
    Other,
}

impl MySqlType {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::TinyInt => "TINYINT",
            Self::SmallInt => "SMALLINT",
            Self::Int => "INT",
            Self::BigInt => "BIGINT",
            Self::UnsignedTinyInt => "TINYINT UNSIGNED",
            Self::UnsignedSmallInt => "SMALLINT UNSIGNED",
            Self::UnsignedInt => "INT UNSIGNED",
            Self::UnsignedBigInt => "BIGINT UNSIGNED",
            Self::Year => "YEAR",
            Self::Bit => "BIT",
            Self::Float => "FLOAT",
            Self::Double => "DOUBLE",
            Self::Decimal => "DECIMAL",
            Self::Text => "text",
            Self::Json => "JSON",
            Self::Bytes => "BLOB",
            Self::Date => "DATE",
            Self::Time => "TIME",
            Self::DateTime => "DATETIME",
            Self::Timestamp => "TIMESTAMP",
            Self::Other => "a type without a decoder",
        }
    }

    /// The whole number in a cell; `None` where the type has none.
    pub(crate) fn whole(self, bytes: &[u8]) -> Option<Result<i128, DecodeError>> {
        fn read<const N: usize>(bytes: &[u8], number: impl FnOnce([u8; N]) -> i128) -> Result<i128, DecodeError> {
            fixed(bytes).map(number)
        }
        Some(match self {
            Self::BigInt => read(bytes, |bytes| i64::from_le_bytes(bytes).into()),
            Self::Int => read(bytes, |bytes| i32::from_le_bytes(bytes).into()),
            Self::SmallInt => read(bytes, |bytes| i16::from_le_bytes(bytes).into()),
            Self::TinyInt => read(bytes, |bytes| i8::from_le_bytes(bytes).into()),
            Self::UnsignedBigInt => read(bytes, |bytes| u64::from_le_bytes(bytes).into()),
            Self::UnsignedInt => read(bytes, |bytes| u32::from_le_bytes(bytes).into()),
            Self::UnsignedSmallInt | Self::Year => read(bytes, |bytes| u16::from_le_bytes(bytes).into()),
            Self::UnsignedTinyInt => read(bytes, |bytes| u8::from_le_bytes(bytes).into()),
            // The most significant byte first, as few as the width needs.
            Self::Bit => Ok(bytes.iter().fold(0, |number, byte| number << 8 | i128::from(*byte))),
            // What SUM of integers gives.
            Self::Decimal => whole_decimal(bytes),
            _ => return None,
        })
    }
}

/// The digits of a DECIMAL.
pub(crate) fn digits(bytes: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| DecodeError::new("found a decimal that is not made of digits"))
}

fn whole_decimal(bytes: &[u8]) -> Result<i128, DecodeError> {
    let text = digits(bytes)?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.bytes().any(|digit| digit != b'0') {
        return Err(DecodeError::new("found a decimal with a fraction, expected an integer"));
    }
    whole.parse().map_err(|_| DecodeError::new("found a decimal of too many digits, expected an integer of 64 bits"))
}

#[cfg(any(feature = "chrono", feature = "time"))]
mod moments {
    use crate::value::{
        DecodeError,
        civil::{CivilDate, CivilTime},
    };

    /// Year, month and day, and what follows them. The first byte is the length, which `bytes` has as well.
    fn date_part(bytes: &[u8]) -> Result<(CivilDate, &[u8]), DecodeError> {
        match bytes {
            [_, low, high, month, day, rest @ ..] => {
                let date = CivilDate { year: u16::from_le_bytes([*low, *high]).into(), month: *month, day: *day };
                Ok((date, rest))
            }
            _ => Err(DecodeError::new("found the zero date 0000-00-00, which is no day")),
        }
    }

    fn time_part(bytes: &[u8]) -> Result<CivilTime, DecodeError> {
        Ok(match *bytes {
            [] => CivilTime { hour: 0, minute: 0, second: 0, micros: 0 },
            [hour, minute, second] => CivilTime { hour, minute, second, micros: 0 },
            [hour, minute, second, m1, m2, m3, m4] => {
                CivilTime { hour, minute, second, micros: u32::from_le_bytes([m1, m2, m3, m4]) }
            }
            _ => return Err(DecodeError::new("found a time that is cut off")),
        })
    }

    /// A DATE.
    pub(crate) fn date(bytes: &[u8]) -> Result<CivilDate, DecodeError> {
        date_part(bytes).map(|(date, _)| date)
    }

    /// A DATETIME or TIMESTAMP.
    pub(crate) fn moment(bytes: &[u8]) -> Result<(CivilDate, CivilTime), DecodeError> {
        let (date, rest) = date_part(bytes)?;
        Ok((date, time_part(rest)?))
    }

    /// A TIME, which is also a span of up to 838 hours in either direction.
    pub(crate) fn time(bytes: &[u8]) -> Result<CivilTime, DecodeError> {
        match bytes {
            [_] => time_part(&[]),
            [_, 0, 0, 0, 0, 0, rest @ ..] => time_part(rest),
            _ => Err(DecodeError::new("found a TIME that is negative or of more than a day, expected a time of day")),
        }
    }
}

#[cfg(any(feature = "chrono", feature = "time"))]
pub(crate) use moments::{date, moment, time};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers() {
        let whole = |kind: MySqlType, bytes: &[u8]| kind.whole(bytes).expect("a number").ok();
        assert_eq!(whole(MySqlType::TinyInt, &[0xFF]), Some(-1));
        assert_eq!(whole(MySqlType::UnsignedTinyInt, &[0xFF]), Some(255));
        assert_eq!(whole(MySqlType::UnsignedBigInt, &[0xFF; 8]), Some(u64::MAX.into()));
        assert_eq!(whole(MySqlType::Bit, &[1, 0]), Some(256));
        assert_eq!(whole(MySqlType::Decimal, b"-42.000"), Some(-42));
        assert_eq!(whole(MySqlType::Decimal, b"1.5"), None);
        assert_eq!(whole(MySqlType::Int, &[1]), None);
        assert!(MySqlType::Text.whole(b"1").is_none());
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn moments() {
        assert_eq!(date(&[4, 0xE8, 7, 2, 29]).expect("a day").year, 2024);
        assert!(date(&[0]).is_err());
        let (_, time_of_day) = moment(&[11, 0xE8, 7, 2, 29, 23, 59, 58, 0x40, 0x42, 0x0F, 0]).expect("a moment");
        assert_eq!((time_of_day.hour, time_of_day.micros), (23, 1_000_000));
        assert_eq!(moment(&[4, 0xE8, 7, 2, 29]).expect("midnight").1.hour, 0);
        assert_eq!(time(&[0]).expect("midnight").second, 0);
        assert_eq!(time(&[8, 0, 0, 0, 0, 0, 1, 2, 3]).expect("a time").minute, 2);
        assert!(time(&[8, 1, 0, 0, 0, 0, 1, 2, 3]).is_err());
        assert!(time(&[8, 0, 1, 0, 0, 0, 1, 2, 3]).is_err());
    }
}
