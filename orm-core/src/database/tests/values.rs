//! Every column type through a real database and back.

use super::*;
use crate::value::ColumnType;

/// Sends the value, reads it back, and the same for its NULL.
async fn round_trip<T: ColumnType + std::fmt::Debug>(db: &Database, sql_type: &str, values: &[T]) {
    let mut connection = db.acquire().await.expect("a connection");
    let sql = match db.backend() {
        #[cfg(feature = "sqlite")]
        Backend::Sqlite => "SELECT ?".to_owned(),
        #[cfg(feature = "postgres")]
        Backend::Postgres => format!("SELECT $1::{sql_type}"),
        #[cfg(feature = "mysql")]
        Backend::MySql => "SELECT ?".to_owned(),
    };
    let _ = sql_type;
    for value in values {
        let statement = Statement::new(sql.clone(), vec![value.to_value()]);
        let found = rows(&mut connection, statement, |cells| cells.get::<T>(0)).await.expect("sent");
        let [Ok(back)] = &found[..] else { panic!("{value:?}: {found:?}") };
        assert!(back.same(value), "{value:?} came back as {back:?}");
    }
    let statement = Statement::new(sql, vec![T::null()]);
    let found = rows(&mut connection, statement, |cells| (cells.get::<Option<T>>(0), cells.get::<T>(0).is_err())).await;
    let found = found.expect("sent");
    assert!(matches!(found[..], [(Ok(None), true)]), "{found:?}");
}

async fn all_types(db: &Database) {
    round_trip(db, "bool", &[true, false]).await;
    round_trip(db, "int2", &[i8::MIN, i8::MAX]).await;
    round_trip(db, "int2", &[i16::MIN, i16::MAX]).await;
    round_trip(db, "int4", &[i32::MIN, i32::MAX]).await;
    round_trip(db, "int8", &[i64::MIN, 0, i64::MAX]).await;
    round_trip(db, "int2", &[u8::MAX]).await;
    round_trip(db, "int4", &[u16::MAX]).await;
    round_trip(db, "int8", &[u32::MAX]).await;
    round_trip(db, "int8", &[i64::MAX.unsigned_abs()]).await;
    round_trip(db, "float4", &[f32::MIN, f32::MIN_POSITIVE, -0.0]).await;
    round_trip(db, "float8", &[f64::MAX, f64::MIN_POSITIVE, f64::INFINITY, 0.1]).await;
    round_trip(db, "text", &[String::new(), "é\u{1F600}'\"\\".to_owned(), "x".repeat(100_000)]).await;
    round_trip(db, "bytea", &[vec![], vec![0, 255, 0]]).await;
    #[cfg(feature = "uuid")]
    round_trip(db, "uuid", &[uuid::Uuid::nil(), uuid::Uuid::from_u128(u128::MAX)]).await;
    #[cfg(feature = "serde_json")]
    round_trip(db, "jsonb", &[serde_json::json!({"a": [1, 2.5, null, "é\\u0000"]}), serde_json::Value::Null]).await;
    #[cfg(feature = "rust_decimal")]
    {
        let decimals = [
            "0",
            "0.00",
            "-1.10",
            "79228162514264337593543950335",
            "0.0000000000000000000000000001",
            "10000",
            "12345.678",
        ];
        let decimals: Vec<rust_decimal::Decimal> =
            decimals.iter().map(|text| text.parse().expect("a decimal")).collect();
        round_trip(db, "numeric", &decimals).await;
    }
    #[cfg(feature = "chrono")]
    {
        use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
        let days: Vec<_> = [(1, 1, 1), (1999, 12, 31), (2024, 2, 29), (9999, 12, 31)]
            .into_iter()
            .map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).expect("a day"))
            .collect();
        let times: Vec<_> = [(0, 0), (86_399, 999_999_000), (43_200, 1_000)]
            .into_iter()
            .map(|(seconds, nanos)| NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos).expect("a time"))
            .collect();
        let moments: Vec<_> = days.iter().flat_map(|day| times.iter().map(|time| day.and_time(*time))).collect();
        let zoned: Vec<DateTime<Utc>> = moments.iter().map(chrono::NaiveDateTime::and_utc).collect();
        round_trip(db, "date", &days).await;
        round_trip(db, "time", &times).await;
        round_trip(db, "timestamp", &moments).await;
        round_trip(db, "timestamptz", &zoned).await;
    }
    #[cfg(feature = "time")]
    {
        use time::macros::{date, datetime, time};
        round_trip(db, "date", &[date!(0001 - 01 - 01), date!(2024 - 02 - 29)]).await;
        round_trip(db, "time", &[time!(0:00), time!(23:59:59.999999)]).await;
        round_trip(db, "timestamp", &[datetime!(1999-12-31 23:59:59.999999), datetime!(2000-01-01 0:00)]).await;
        round_trip(db, "timestamptz", &[datetime!(1999-12-31 23:59:59.999999 +5), datetime!(2000-01-01 0:00 UTC)])
            .await;
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn on_sqlite() {
    let db = Database::connect("sqlite::memory:").await.expect("memory");
    all_types(&db).await;
    let mut connection = db.acquire().await.expect("a connection");
    let nan = connection.execute(&Statement::new("SELECT ?", vec![f64::NAN.into()])).await.expect_err("NaN");
    assert_eq!(nan.kind(), ErrorKind::Value);
}

#[cfg(all(feature = "sqlite", feature = "chrono"))]
#[tokio::test]
async fn rows_of_current_timestamp_compare_with_ours_on_sqlite() {
    use chrono::{DateTime, Utc};

    let db = Database::connect("sqlite::memory:").await.expect("memory");
    let mut connection = db.acquire().await.expect("a connection");
    let theirs =
        rows(&mut connection, Statement::text("SELECT CURRENT_TIMESTAMP"), |cells| cells.get::<DateTime<Utc>>(0));
    let theirs = theirs.await.expect("read").remove(0).expect("decoded");
    for (offset, expected) in [(-1, -1), (0, 0), (1, 1), (999_999, 1)] {
        let ours = theirs + chrono::TimeDelta::microseconds(offset);
        let texts =
            rows(&mut connection, Statement::new("SELECT ?", vec![ours.to_value()]), |cells| cells.get::<String>(0));
        let ours = texts.await.expect("read").remove(0).expect("text");
        let theirs = theirs.format("%Y-%m-%d %H:%M:%S").to_string();
        assert_eq!(ours.cmp(&theirs) as i32, expected, "{ours} and {theirs}");
    }
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn on_postgres() {
    let Some(db) = super::postgres::database().await else { return };
    all_types(&db).await;
}
