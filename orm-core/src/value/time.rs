//! The types of the crate `time` as columns.

use sea_query::Value;
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use super::{
    ColumnType, DecodeError, Raw,
    civil::{self, CivilDate, CivilTime},
    mysql::{self, MySqlType},
    number::wrong_value,
    oid,
    raw::fixed,
};
use crate::schema::SqlType;

/// 2000-01-01, from which PostgreSQL counts, as a Julian day.
const POSTGRES_EPOCH: i32 = 2_451_545;

fn date(date: CivilDate) -> Result<Date, DecodeError> {
    Month::try_from(date.month)
        .and_then(|month| Date::from_calendar_date(date.year, month, date.day))
        .map_err(|_| DecodeError::new("found a day that the calendar does not have, expected a date"))
}

fn time_of_day(time: CivilTime) -> Result<Time, DecodeError> {
    Time::from_hms_micro(time.hour, time.minute, time.second, time.micros)
        .map_err(|_| DecodeError::new("found an hour, minute or second out of range, expected a time of day"))
}

fn from_days(days: i32) -> Result<Date, DecodeError> {
    (days.checked_add(POSTGRES_EPOCH).and_then(|day| Date::from_julian_day(day).ok()))
        .ok_or_else(|| civil::beyond("a date of the crate time"))
}

fn time_from_micros(micros: i64) -> Result<Time, DecodeError> {
    if !(0..civil::DAY).contains(&micros) {
        return Err(civil::beyond("a time of the crate time (which has no 24:00:00)"));
    }
    Ok(Time::MIDNIGHT + Duration::microseconds(micros))
}

fn from_micros(micros: i64) -> Result<PrimitiveDateTime, DecodeError> {
    let days = i32::try_from(micros.div_euclid(civil::DAY)).map_err(|_| civil::beyond("a date of the crate time"))?;
    Ok(PrimitiveDateTime::new(from_days(days)?, time_from_micros(micros.rem_euclid(civil::DAY))?))
}

/// Days since 2000-01-01.
pub(crate) fn days(date: Date) -> i32 {
    date.to_julian_day() - POSTGRES_EPOCH
}

/// Microseconds since midnight.
pub(crate) fn time_micros(time: Time) -> i64 {
    let (hour, minute, second, micros) = time.as_hms_micro();
    (i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)) * 1_000_000 + i64::from(micros)
}

/// The time without what is less than a microsecond.
fn cut(time: Time) -> Time {
    time.replace_nanosecond(time.microsecond() * 1000).unwrap_or(time)
}

/// Microseconds since 2000-01-01.
pub(crate) fn micros(moment: PrimitiveDateTime) -> i64 {
    i64::from(days(moment.date())) * civil::DAY + time_micros(moment.time())
}

/// The moment in UTC.
pub(crate) fn utc(moment: OffsetDateTime) -> Result<PrimitiveDateTime, DecodeError> {
    let utc = moment.checked_to_offset(UtcOffset::UTC).ok_or_else(|| civil::beyond("a moment in UTC"))?;
    Ok(PrimitiveDateTime::new(utc.date(), utc.time()))
}

#[cfg_attr(not(any(feature = "sqlite", feature = "mysql")), expect(dead_code, reason = "PostgreSQL counts days"))]
pub(crate) fn civil_date(date: Date) -> CivilDate {
    CivilDate { year: date.year(), month: date.month().into(), day: date.day() }
}

#[cfg_attr(
    not(any(feature = "sqlite", feature = "mysql")),
    expect(dead_code, reason = "PostgreSQL counts microseconds")
)]
pub(crate) fn civil_time(time: Time) -> CivilTime {
    let (hour, minute, second, micros) = time.as_hms_micro();
    CivilTime { hour, minute, second, micros }
}

#[diagnostic::do_not_recommend]
impl ColumnType for Date {
    type Ref<'r> = Date;
    const SQL_TYPE: SqlType = SqlType::Date;

    fn get(&self) -> Date {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        match raw {
            Raw::Text(text) => date(civil::parse_date(text)?),
            Raw::Postgres { oid: oid::DATE, bytes } => from_days(i32::from_be_bytes(fixed(bytes)?)),
            Raw::MySql { column: MySqlType::Date, bytes } => date(mysql::date(bytes)?),
            other => Err(other.unexpected("a date")),
        }
    }

    fn to_value(&self) -> Value {
        Value::TimeDate(Some(*self))
    }

    fn null() -> Value {
        Value::TimeDate(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::TimeDate(Some(value)) => Ok(*value),
            other => Err(wrong_value(other, "a date")),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for Time {
    type Ref<'r> = Time;
    const SQL_TYPE: SqlType = SqlType::Time;

    fn get(&self) -> Time {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        match raw {
            Raw::Text(text) => time_of_day(civil::parse_time(text)?),
            Raw::Postgres { oid: oid::TIME, bytes } => time_from_micros(i64::from_be_bytes(fixed(bytes)?)),
            Raw::MySql { column: MySqlType::Time, bytes } => time_of_day(mysql::time(bytes)?),
            other => Err(other.unexpected("a time of day")),
        }
    }

    fn to_value(&self) -> Value {
        Value::TimeTime(Some(self.kept()))
    }

    fn null() -> Value {
        Value::TimeTime(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::TimeTime(Some(value)) => Ok(value.kept()),
            other => Err(wrong_value(other, "a time of day")),
        }
    }

    /// Compares microseconds: the databases keep no more.
    fn same(&self, other: &Self) -> bool {
        time_micros(*self) == time_micros(*other)
    }

    fn kept(self) -> Self {
        cut(self)
    }
}

/// Decodes either kind of timestamp; the text form's offset is taken into account.
#[inline]
fn decode_moment(raw: Raw<'_>, zoned: bool) -> Result<PrimitiveDateTime, DecodeError> {
    match raw {
        Raw::Text(text) => {
            let (day, time, east) = civil::parse_timestamp(text)?;
            let local = PrimitiveDateTime::new(date(day)?, time_of_day(time)?);
            if east == 0 {
                return Ok(local);
            }
            if !zoned {
                return Err(DecodeError::new("found a timestamp with an offset, expected one without"));
            }
            local.checked_sub(Duration::minutes(east.into())).ok_or_else(|| civil::beyond("a date of the crate time"))
        }
        // A TIMESTAMP is a moment of no zone: neither reads as the other.
        Raw::Postgres { oid: oid::TIMESTAMPTZ, bytes } if zoned => from_micros(i64::from_be_bytes(fixed(bytes)?)),
        Raw::Postgres { oid: oid::TIMESTAMP, bytes } if !zoned => from_micros(i64::from_be_bytes(fixed(bytes)?)),
        // A DATETIME is either, in UTC; a TIMESTAMP is a moment.
        Raw::MySql { column: MySqlType::DateTime, bytes } => {
            let (day, time) = mysql::moment(bytes)?;
            Ok(PrimitiveDateTime::new(date(day)?, time_of_day(time)?))
        }
        Raw::MySql { column: MySqlType::Timestamp, bytes } if zoned => {
            let (day, time) = mysql::moment(bytes)?;
            Ok(PrimitiveDateTime::new(date(day)?, time_of_day(time)?))
        }
        other => {
            Err(other.unexpected(if zoned { "a timestamp with time zone" } else { "a timestamp without time zone" }))
        }
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for PrimitiveDateTime {
    type Ref<'r> = PrimitiveDateTime;
    const SQL_TYPE: SqlType = SqlType::Timestamp;

    fn get(&self) -> PrimitiveDateTime {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        decode_moment(raw, false)
    }

    fn to_value(&self) -> Value {
        Value::TimeDateTime(Some(self.kept()))
    }

    fn null() -> Value {
        Value::TimeDateTime(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::TimeDateTime(Some(value)) => Ok(value.kept()),
            other => Err(wrong_value(other, "a timestamp")),
        }
    }

    /// Compares microseconds: the databases keep no more.
    fn same(&self, other: &Self) -> bool {
        micros(*self) == micros(*other)
    }

    fn kept(self) -> Self {
        self.replace_time(cut(self.time()))
    }
}

/// Stored in UTC: the offset that a value had is not kept.
#[diagnostic::do_not_recommend]
impl ColumnType for OffsetDateTime {
    type Ref<'r> = OffsetDateTime;
    const SQL_TYPE: SqlType = SqlType::TimestampTz;

    fn get(&self) -> OffsetDateTime {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        decode_moment(raw, true).map(PrimitiveDateTime::assume_utc)
    }

    fn to_value(&self) -> Value {
        Value::TimeDateTimeWithTimeZone(Some(self.kept()))
    }

    fn null() -> Value {
        Value::TimeDateTimeWithTimeZone(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::TimeDateTimeWithTimeZone(Some(value)) => Ok(value.kept()),
            other => Err(wrong_value(other, "a timestamp with time zone")),
        }
    }

    /// Compares moments by microseconds: the databases keep no more, and no offset.
    fn same(&self, other: &Self) -> bool {
        self.unix_timestamp_nanos().div_euclid(1000) == other.unix_timestamp_nanos().div_euclid(1000)
    }

    /// In UTC as well, where the calendar has the moment there.
    fn kept(self) -> Self {
        let utc = self.checked_to_offset(UtcOffset::UTC).unwrap_or(self);
        utc.replace_time(cut(utc.time()))
    }
}
