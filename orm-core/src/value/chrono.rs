//! The types of chrono as columns.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use sea_query::Value;

use super::{
    ColumnType, DecodeError, Raw,
    civil::{self, CivilDate, CivilTime},
    mysql::{self, MySqlType},
    number::wrong_value,
    oid,
    raw::fixed,
};
use crate::schema::SqlType;

/// 2000-01-01, from which PostgreSQL counts, in chrono's days.
const POSTGRES_EPOCH: i32 = 730_120;

fn naive_date(date: CivilDate) -> Result<NaiveDate, DecodeError> {
    NaiveDate::from_ymd_opt(date.year, date.month.into(), date.day.into())
        .ok_or_else(|| DecodeError::new("found a day that the calendar does not have, expected a date"))
}

fn naive_time(time: CivilTime) -> Result<NaiveTime, DecodeError> {
    NaiveTime::from_hms_micro_opt(time.hour.into(), time.minute.into(), time.second.into(), time.micros)
        .ok_or_else(|| DecodeError::new("found an hour, minute or second out of range, expected a time of day"))
}

fn from_days(days: i32) -> Result<NaiveDate, DecodeError> {
    (days.checked_add(POSTGRES_EPOCH).and_then(NaiveDate::from_num_days_from_ce_opt))
        .ok_or_else(|| civil::beyond("a chrono date"))
}

fn time_from_micros(micros: i64) -> Result<NaiveTime, DecodeError> {
    let seconds = u32::try_from(micros.div_euclid(1_000_000)).ok();
    let nanos = u32::try_from(micros.rem_euclid(1_000_000)).unwrap_or_default() * 1000;
    (seconds.and_then(|seconds| NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)))
        .ok_or_else(|| civil::beyond("a chrono time (which has no 24:00:00)"))
}

fn from_micros(micros: i64) -> Result<NaiveDateTime, DecodeError> {
    let days = i32::try_from(micros.div_euclid(civil::DAY)).map_err(|_| civil::beyond("a chrono date and time"))?;
    Ok(from_days(days)?.and_time(time_from_micros(micros.rem_euclid(civil::DAY))?))
}

/// Days since 2000-01-01.
pub(crate) fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - POSTGRES_EPOCH
}

/// Microseconds since midnight. A leap second, which neither database has, is the last microsecond before it.
pub(crate) fn time_micros(time: NaiveTime) -> i64 {
    let micros = (time.nanosecond() / 1000).min(999_999);
    i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(micros)
}

/// The time without what is less than a microsecond.
fn cut(time: NaiveTime) -> NaiveTime {
    let micros = (time.nanosecond() / 1000).min(999_999);
    time.with_nanosecond(micros * 1000).unwrap_or(time)
}

/// Microseconds since 2000-01-01.
pub(crate) fn micros(moment: NaiveDateTime) -> i64 {
    i64::from(days(moment.date())) * civil::DAY + time_micros(moment.time())
}

#[cfg_attr(not(any(feature = "sqlite", feature = "mysql")), expect(dead_code, reason = "PostgreSQL counts days"))]
pub(crate) fn civil_date(date: NaiveDate) -> CivilDate {
    let two_digits = |value: u32| u8::try_from(value).unwrap_or_default();
    CivilDate { year: date.year(), month: two_digits(date.month()), day: two_digits(date.day()) }
}

#[cfg_attr(
    not(any(feature = "sqlite", feature = "mysql")),
    expect(dead_code, reason = "PostgreSQL counts microseconds")
)]
pub(crate) fn civil_time(time: NaiveTime) -> CivilTime {
    let two_digits = |value: u32| u8::try_from(value).unwrap_or_default();
    CivilTime {
        hour: two_digits(time.hour()),
        minute: two_digits(time.minute()),
        second: two_digits(time.second()),
        micros: (time.nanosecond() / 1000).min(999_999),
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for NaiveDate {
    type Ref<'r> = NaiveDate;
    const SQL_TYPE: SqlType = SqlType::Date;

    fn get(&self) -> NaiveDate {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        match raw {
            Raw::Text(text) => naive_date(civil::parse_date(text)?),
            Raw::Postgres { oid: oid::DATE, bytes } => from_days(i32::from_be_bytes(fixed(bytes)?)),
            Raw::MySql { column: MySqlType::Date, bytes } => naive_date(mysql::date(bytes)?),
            other => Err(other.unexpected("a date")),
        }
    }

    fn to_value(&self) -> Value {
        Value::ChronoDate(Some(*self))
    }

    fn null() -> Value {
        Value::ChronoDate(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::ChronoDate(Some(value)) => Ok(*value),
            other => Err(wrong_value(other, "a date")),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for NaiveTime {
    type Ref<'r> = NaiveTime;
    const SQL_TYPE: SqlType = SqlType::Time;

    fn get(&self) -> NaiveTime {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        match raw {
            Raw::Text(text) => naive_time(civil::parse_time(text)?),
            Raw::Postgres { oid: oid::TIME, bytes } => time_from_micros(i64::from_be_bytes(fixed(bytes)?)),
            Raw::MySql { column: MySqlType::Time, bytes } => naive_time(mysql::time(bytes)?),
            other => Err(other.unexpected("a time of day")),
        }
    }

    fn to_value(&self) -> Value {
        Value::ChronoTime(Some(self.kept()))
    }

    fn null() -> Value {
        Value::ChronoTime(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::ChronoTime(Some(value)) => Ok(value.kept()),
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
fn decode_moment(raw: Raw<'_>, zoned: bool) -> Result<NaiveDateTime, DecodeError> {
    match raw {
        Raw::Text(text) => {
            let (date, time, east) = civil::parse_timestamp(text)?;
            let local = naive_date(date)?.and_time(naive_time(time)?);
            if east == 0 {
                return Ok(local);
            }
            if !zoned {
                return Err(DecodeError::new("found a timestamp with an offset, expected one without"));
            }
            local
                .checked_sub_signed(TimeDelta::minutes(east.into()))
                .ok_or_else(|| civil::beyond("a chrono date and time"))
        }
        // A TIMESTAMP is a moment of no zone: neither reads as the other.
        Raw::Postgres { oid: oid::TIMESTAMPTZ, bytes } if zoned => from_micros(i64::from_be_bytes(fixed(bytes)?)),
        Raw::Postgres { oid: oid::TIMESTAMP, bytes } if !zoned => from_micros(i64::from_be_bytes(fixed(bytes)?)),
        // A DATETIME is either, in UTC; a TIMESTAMP is a moment.
        Raw::MySql { column: MySqlType::DateTime, bytes } => {
            let (date, time) = mysql::moment(bytes)?;
            Ok(naive_date(date)?.and_time(naive_time(time)?))
        }
        Raw::MySql { column: MySqlType::Timestamp, bytes } if zoned => {
            let (date, time) = mysql::moment(bytes)?;
            Ok(naive_date(date)?.and_time(naive_time(time)?))
        }
        other => {
            Err(other.unexpected(if zoned { "a timestamp with time zone" } else { "a timestamp without time zone" }))
        }
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for NaiveDateTime {
    type Ref<'r> = NaiveDateTime;
    const SQL_TYPE: SqlType = SqlType::Timestamp;

    fn get(&self) -> NaiveDateTime {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        decode_moment(raw, false)
    }

    fn to_value(&self) -> Value {
        Value::ChronoDateTime(Some(self.kept()))
    }

    fn null() -> Value {
        Value::ChronoDateTime(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::ChronoDateTime(Some(value)) => Ok(value.kept()),
            other => Err(wrong_value(other, "a timestamp")),
        }
    }

    /// Compares microseconds: the databases keep no more.
    fn same(&self, other: &Self) -> bool {
        micros(*self) == micros(*other)
    }

    fn kept(self) -> Self {
        self.date().and_time(cut(self.time()))
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for DateTime<Utc> {
    type Ref<'r> = DateTime<Utc>;
    const SQL_TYPE: SqlType = SqlType::TimestampTz;

    fn get(&self) -> DateTime<Utc> {
        *self
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        decode_moment(raw, true).map(|moment| moment.and_utc())
    }

    fn to_value(&self) -> Value {
        Value::ChronoDateTimeUtc(Some(self.kept()))
    }

    fn null() -> Value {
        Value::ChronoDateTimeUtc(None)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::ChronoDateTimeUtc(Some(value)) => Ok(value.kept()),
            other => Err(wrong_value(other, "a timestamp with time zone")),
        }
    }

    /// Compares microseconds: the databases keep no more.
    fn same(&self, other: &Self) -> bool {
        micros(self.naive_utc()) == micros(other.naive_utc())
    }

    fn kept(self) -> Self {
        self.naive_utc().kept().and_utc()
    }
}
