//! The types, and the extremes of each.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend};
use rust_decimal::Decimal;
use serde_json::json;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, macros};
use uuid::Uuid;

use super::round_trip;

each_backend!(
    booleans,
    integers_of_8_bits,
    integers_of_16_bits,
    integers_of_32_bits,
    integers_of_64_bits,
    unsigned_8,
    unsigned_16,
    unsigned_32,
    unsigned_64,
    floats,
    single_floats,
    texts,
    bytes,
    uuids,
    decimals,
    documents,
    dates,
    times_of_day,
    timestamps,
    instants,
    other_dates,
    other_times,
    other_timestamps,
    other_instants,
    enums_as_text,
    enums_as_integers,
    enums_of_the_database,
    newtypes,
);

each_backend!(not_mysql("no infinities, and a DECIMAL has one scale for the whole column"): zeros_at_the_end, extreme_single_floats, tiny_and_infinite_floats);

round_trip!(booleans: bool = [true, false]);
round_trip!(integers_of_8_bits: i8 = [i8::MIN, -1, 0, i8::MAX]);
round_trip!(integers_of_16_bits: i16 = [i16::MIN, -1, 0, i16::MAX]);
round_trip!(integers_of_32_bits: i32 = [i32::MIN, -1, 0, i32::MAX]);
round_trip!(integers_of_64_bits: i64 = [i64::MIN, -1, 0, 9_007_199_254_740_993, i64::MAX]);
round_trip!(unsigned_8: u8 = [0, 1, u8::MAX]);
round_trip!(unsigned_16: u16 = [0, 1, u16::MAX]);
round_trip!(unsigned_32: u32 = [0, 1, u32::MAX]);
round_trip!(unsigned_64: u64 = [0, 1, i64::MAX.cast_unsigned()]);
// Not -0.0, which SQLite stores as 0.0.
round_trip!(floats: f64 = [f64::MIN, 0.0, 0.1, f64::MIN_POSITIVE, 1e300, f64::MAX]);
round_trip!(tiny_and_infinite_floats: f64 = [5e-324, f64::INFINITY, f64::NEG_INFINITY]);
round_trip!(single_floats: f32 = [0.0, 0.5, -1.25, 3e38, 16_777_216.0]);
round_trip!(extreme_single_floats: f32 = [f32::MIN, 0.1, f32::MIN_POSITIVE, 1e-45, f32::MAX, f32::INFINITY]);
round_trip!(texts: String = ["", "a", " ", "quo'te \"double\" \\back", "\u{10FFFF}é漢\n\t\r", "NULL", "{}", "0", "1e5", &"long ".repeat(20_000)].map(String::from));
round_trip!(bytes: Vec<u8> = [vec![], vec![0], (0..=255).collect(), vec![7; 100_000]]);
round_trip!(uuids: Uuid = [Uuid::nil(), Uuid::max(), Uuid::from_u128(1), Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0)]);
round_trip!(decimals: Decimal = [
    Decimal::MIN, Decimal::MAX, Decimal::ZERO, Decimal::new(1, 28), Decimal::new(-1, 1), Decimal::new(123_456, 3),
]);
round_trip!(zeros_at_the_end: Decimal = [Decimal::new(100, 2), Decimal::new(1, 0), Decimal::new(-5000, 4)]);
round_trip!(documents: serde_json::Value = [
    json!({}), json!([]), json!(0), json!(false), json!(""), json!({ "a": [1, 2.5, "é\"\\", null, { "b": i64::MAX }] }),
]);
round_trip!(dates: NaiveDate = [
    day(1, 1, 1), day(1582, 10, 15), day(1969, 12, 31), day(1970, 1, 1), day(2000, 2, 29), day(9999, 12, 31),
]);
round_trip!(times_of_day: NaiveTime = [at(0, 0, 0, 0), at(0, 0, 0, 1), at(12, 30, 15, 500_000), at(23, 59, 59, 999_999)]);
round_trip!(timestamps: NaiveDateTime = [
    day(1, 1, 1).and_time(at(0, 0, 0, 0)), day(1969, 12, 31).and_time(at(23, 59, 59, 999_999)), day(9999, 12, 31).and_time(at(23, 59, 59, 999_999)),
]);
round_trip!(instants: DateTime<Utc> = [
    day(1, 1, 1).and_time(at(0, 0, 0, 0)).and_utc(), DateTime::UNIX_EPOCH, day(1969, 12, 31).and_time(at(23, 59, 59, 999_999)).and_utc(),
    day(9999, 12, 31).and_time(at(23, 59, 59, 999_999)).and_utc(),
]);
round_trip!(other_dates: Date = [macros::date!(0001-01-01), macros::date!(1969-12-31), macros::date!(2000-02-29), macros::date!(9999-12-31)]);
round_trip!(other_times: Time = [macros::time!(00:00), macros::time!(12:30:15.5), macros::time!(23:59:59.999999)]);
round_trip!(other_timestamps: PrimitiveDateTime = [
    macros::datetime!(0001-01-01 00:00), macros::datetime!(1969-12-31 23:59:59.999999), macros::datetime!(9999-12-31 23:59:59.999999),
]);
round_trip!(other_instants: OffsetDateTime = [
    macros::datetime!(0001-01-01 00:00 UTC), macros::datetime!(1969-12-31 23:59:59.999999 UTC), macros::datetime!(9999-12-31 23:59:59.999999 UTC),
]);
round_trip!(enums_as_text: Mood = [Mood::Happy, Mood::SoSo, Mood::Sad]);
round_trip!(enums_as_integers: Level = [Level::Low, Level::High]);
round_trip!(enums_of_the_database: Weather = [Weather::Fair, Weather::Foul]);
round_trip!(newtypes: Sku = [Sku("a".to_owned()), Sku(String::new())]);

#[derive(ColumnType, serde::Serialize, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(rename_all = "kebab-case")]
enum Mood {
    Happy,
    SoSo,
    #[orm(rename = "very \"sad\"")]
    Sad,
}

#[derive(ColumnType, serde::Serialize, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(integer)]
#[repr(i16)]
enum Level {
    Low = -7,
    High = 300,
}

#[derive(ColumnType, serde::Serialize, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(postgres_enum = "weather")]
enum Weather {
    Fair,
    Foul,
}

#[derive(ColumnType, serde::Serialize, Clone, Debug, PartialEq, Eq)]
struct Sku(String);

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

fn at(hour: u32, minute: u32, second: u32, micro: u32) -> NaiveTime {
    NaiveTime::from_hms_micro_opt(hour, minute, second, micro).expect("a time")
}
