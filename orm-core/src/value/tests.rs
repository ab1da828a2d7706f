//! What a column type reads, refuses and says.

use super::{ColumnType, DecodeError, IntoColumn, Raw, Value, oid};

fn postgres(oid: u32, bytes: &[u8]) -> Raw<'_> {
    Raw::Postgres { oid, bytes }
}

fn refused<T: ColumnType + std::fmt::Debug>(raw: Raw<'_>) -> String {
    T::decode(raw).expect_err("refused").reason().to_owned()
}

fn value_round_trip<T: ColumnType>(value: &T) {
    assert!(T::from_value(&value.to_value()).expect("its own value").same(value));
    assert!(T::from_value(&T::null()).is_err() || T::NULLABLE);
}

#[test]
fn integers_at_their_limits() {
    assert_eq!(i64::decode(Raw::Integer(i64::MIN)).expect("fits"), i64::MIN);
    assert_eq!(i64::decode(postgres(oid::INT8, &i64::MAX.to_be_bytes())).expect("fits"), i64::MAX);
    assert_eq!(i16::decode(postgres(oid::INT2, &i16::MIN.to_be_bytes())).expect("fits"), i16::MIN);
    assert_eq!(i64::decode(postgres(oid::INT4, &7_i32.to_be_bytes())).expect("widens"), 7);
    assert_eq!(u32::decode(Raw::Integer(u32::MAX.into())).expect("fits"), u32::MAX);
    assert_eq!(u64::decode(Raw::Integer(i64::MAX)).expect("fits"), i64::MAX.unsigned_abs());
    assert_eq!(refused::<i8>(Raw::Integer(128)), "found 128, which does not fit `i8`");
    assert_eq!(refused::<u64>(Raw::Integer(-1)), "found -1, which does not fit `u64`");
    assert_eq!(refused::<i64>(Raw::Text(b"7")), "found a TEXT, expected an integer");
    assert_eq!(refused::<i32>(postgres(oid::TEXT, b"7")), "found text (oid 25), expected an integer");
    assert_eq!(refused::<i32>(postgres(oid::INT4, b"7")), "found 1 bytes, expected 4");
    assert_eq!(refused::<i32>(Raw::Null), "NULL in a column that is declared without `Option`");
    value_round_trip(&i8::MIN);
    value_round_trip(&u64::MAX);
    // A foreign key may be wider than the key.
    assert_eq!(i64::from_value(&Value::Int(Some(7))).expect("widens"), 7);
    assert!(i8::from_value(&Value::BigInt(Some(300))).is_err());
    let secret = i64::from_value(&Value::String(Some("hunter2".into()))).expect_err("text").reason().to_owned();
    assert_eq!(secret, "found a value of type String, expected an integer");
}

#[test]
fn booleans_are_zero_or_one() {
    assert!(bool::decode(Raw::Integer(1)).expect("one"));
    assert!(!bool::decode(postgres(oid::BOOL, &[0])).expect("zero"));
    assert_eq!(refused::<bool>(Raw::Integer(2)), "found the integer 2, expected 0 or 1");
}

#[test]
fn floats_by_their_bits() {
    assert!(f64::NAN.same(&f64::NAN));
    assert!(!0.0_f64.same(&-0.0));
    assert_eq!(f64::decode(Raw::Integer(3)).expect("whole"), 3.0);
    assert_eq!(f32::decode(Raw::Real(0.1)).expect("rounds"), 0.1);
    assert!(f32::decode(Raw::Real(1e300)).is_err());
    assert_eq!(f64::decode(postgres(oid::FLOAT4, &0.5_f32.to_be_bytes())).expect("widens"), 0.5);
    value_round_trip(&f64::MIN_POSITIVE);
}

#[test]
fn text_is_utf8() {
    assert_eq!(String::decode(Raw::Text("é".as_bytes())).expect("UTF-8"), "é");
    assert_eq!(String::decode(postgres(oid::FIRST_USER + 5, b"happy")).expect("an enum"), "happy");
    assert_eq!(refused::<String>(Raw::Text(b"ab\xFF")), "found text that is not UTF-8 (from byte 2), expected text");
    assert_eq!(refused::<String>(Raw::Blob(b"ab")), "found a BLOB, expected text");
    assert_eq!(refused::<Vec<u8>>(Raw::Text(b"ab")), "found a TEXT, expected bytes");
    value_round_trip(&"x".to_owned());
    value_round_trip(&vec![0_u8, 255]);
}

#[test]
fn options_hold_null() {
    assert_eq!(<Option<i32>>::decode(Raw::Null).expect("NULL"), None);
    assert_eq!(<Option<i32>>::decode(Raw::Integer(1)).expect("one"), Some(1));
    assert_eq!(<Option<String>>::null(), Value::String(None));
    assert_eq!(<Option<String>>::from_value(&Value::String(None)).expect("NULL"), None);
    value_round_trip(&Some(7_u16));
    assert_eq!(Some("a".to_owned()).get(), Some("a"));
}

#[test]
fn what_a_column_takes() {
    fn column<T: ColumnType>(value: impl IntoColumn<T>) -> T {
        value.into_column()
    }
    assert_eq!(column::<String>("a"), "a");
    assert_eq!(column::<Option<String>>(&"a".to_owned()), Some("a".to_owned()));
    assert_eq!(column::<Option<i32>>(5), Some(5));
    assert_eq!(column::<Option<i32>>(None), None);
    assert_eq!(column::<Vec<u8>>(&b"ab"[..]), b"ab");
}

#[test]
fn an_error_is_a_reason() {
    assert_eq!(DecodeError::new("x").reason(), "x");
}

#[cfg(feature = "chrono")]
mod chrono_types {
    use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

    use super::*;

    #[test]
    fn timestamps_of_both_databases() {
        let moment = NaiveDate::from_ymd_opt(1999, 12, 31).and_then(|date| date.and_hms_micro_opt(23, 59, 59, 999_999));
        let moment = moment.expect("a moment");
        assert_eq!(NaiveDateTime::decode(postgres(oid::TIMESTAMP, &(-1_i64).to_be_bytes())).expect("valid"), moment);
        assert_eq!(NaiveDateTime::decode(Raw::Text(b"1999-12-31 23:59:59.999999")).expect("valid"), moment);
        assert_eq!(
            <DateTime<Utc>>::decode(Raw::Text(b"2000-01-01T01:59:59.999999+02:00")).expect("valid"),
            moment.and_utc()
        );
        assert!(refused::<NaiveDateTime>(Raw::Text(b"2000-01-01 00:00:00+02:00")).contains("offset"));
        assert!(refused::<NaiveDateTime>(Raw::Text(b"2001-02-29 00:00:00")).contains("calendar"));
        assert!(refused::<NaiveDateTime>(Raw::Integer(0)).contains("INTEGER"));
        assert!(refused::<NaiveDateTime>(postgres(oid::TIMESTAMP, &i64::MAX.to_be_bytes())).contains("infinity"));
        assert!(refused::<NaiveDate>(postgres(oid::DATE, &i32::MAX.to_be_bytes())).contains("infinity"));
        assert!(refused::<NaiveTime>(postgres(oid::TIME, &86_400_000_000_i64.to_be_bytes())).contains("24:00"));
    }

    #[test]
    fn every_microsecond_survives() {
        let mut micros: i64 = -200_000_000_000_000_000;
        for _ in 0..2_000 {
            micros += 199_999_999_999_983;
            let moment = NaiveDateTime::decode(postgres(oid::TIMESTAMP, &micros.to_be_bytes())).expect("in range");
            assert_eq!(crate::value::chrono::micros(moment), micros);
        }
    }

    #[test]
    fn nanoseconds_are_no_change() {
        let one = DateTime::<Utc>::from_timestamp_nanos(1_000);
        assert!(one.same(&DateTime::from_timestamp_nanos(1_999)));
        assert!(!one.same(&DateTime::from_timestamp_nanos(2_000)));
        value_round_trip(&one);
    }
}

#[cfg(feature = "time")]
mod time_types {
    use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

    use super::*;

    #[test]
    fn timestamps_of_both_databases() {
        let moment = time::macros::datetime!(1999-12-31 23:59:59.999999);
        assert_eq!(
            PrimitiveDateTime::decode(postgres(oid::TIMESTAMP, &(-1_i64).to_be_bytes())).expect("valid"),
            moment
        );
        assert_eq!(PrimitiveDateTime::decode(Raw::Text(b"1999-12-31 23:59:59.999999")).expect("valid"), moment);
        assert_eq!(
            OffsetDateTime::decode(Raw::Text(b"2000-01-01 01:59:59.999999+02")).expect("valid"),
            moment.assume_utc()
        );
        assert_eq!(crate::value::time::micros(moment), -1);
        assert!(refused::<Date>(Raw::Text(b"2001-02-29")).contains("calendar"));
        assert!(refused::<Date>(postgres(oid::DATE, &i32::MIN.to_be_bytes())).contains("infinity"));
        assert_eq!(Time::decode(Raw::Text(b"23:59:59.5")).expect("valid"), time::macros::time!(23:59:59.5));
        let east = time::macros::datetime!(2000-01-01 1:00 +1);
        assert!(east.same(&time::macros::datetime!(2000-01-01 0:00 UTC)));
        value_round_trip(&east);
    }
}

#[cfg(feature = "uuid")]
#[test]
fn uuids_in_three_forms() {
    use uuid::Uuid;

    let id = Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    for text in [id.to_string(), id.simple().to_string(), id.to_string().to_uppercase()] {
        assert_eq!(Uuid::decode(Raw::Text(text.as_bytes())).expect("valid"), id);
    }
    assert_eq!(Uuid::decode(Raw::Blob(id.as_bytes())).expect("valid"), id);
    assert_eq!(Uuid::decode(postgres(oid::UUID, id.as_bytes())).expect("valid"), id);
    for text in ["", "0123456789abcdef0123456789abcdeg", "01234567-89ab-cdef-0123-456789abcde-"] {
        assert!(Uuid::decode(Raw::Text(text.as_bytes())).is_err());
    }
    value_round_trip(&id);
}

#[cfg(feature = "rust_decimal")]
#[test]
fn decimals_are_exact() {
    use rust_decimal::Decimal;

    for text in ["0", "-0.0000000000000000000000000001", "79228162514264337593543950335", "12345.678", "1.00"] {
        let value: Decimal = text.parse().expect("a decimal");
        assert!(Decimal::decode(Raw::Text(text.as_bytes())).expect("valid").same(&value));
        let mut bytes = Vec::new();
        let scale = u16::try_from(value.scale()).expect("at most 28");
        crate::value::numeric::write_numeric(&mut bytes, value.mantissa(), scale);
        assert!(Decimal::decode(postgres(oid::NUMERIC, &bytes)).expect("valid").same(&value), "{text}");
        value_round_trip(&value);
    }
    assert_eq!(Decimal::decode(Raw::Integer(-3)).expect("valid"), Decimal::from(-3));
    assert_eq!(Decimal::decode(Raw::Real(0.1)).expect("valid").to_string(), "0.1");
    assert!(Decimal::decode(Raw::Text(b"7922816251426433759354395033500")).is_err());
    assert!(Decimal::decode(Raw::Text(b"1.00000000000000000000000000001")).is_err());
    assert!(Decimal::decode(Raw::Real(f64::INFINITY)).is_err());
}

#[cfg(feature = "serde_json")]
#[test]
fn json_of_both_databases() {
    use serde_json::{Value as Json, json};

    assert_eq!(Json::decode(Raw::Text(b"{\"a\":[1,null]}")).expect("valid"), json!({"a": [1, null]}));
    assert_eq!(Json::decode(postgres(oid::JSONB, b"\x01[]")).expect("valid"), json!([]));
    assert!(refused::<Json>(Raw::Text(b"{secret")).starts_with("found text that is not JSON"));
    value_round_trip(&json!("x"));
}
