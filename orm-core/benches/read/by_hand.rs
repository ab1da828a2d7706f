//! The same queries by hand, with the driver alone.

use std::{hint::black_box, path::Path};

use chrono::NaiveDateTime;
use criterion::{BenchmarkId, Criterion};
use futures_util::TryStreamExt as _;
use sqlx::{
    Connection as _, Row as _,
    postgres::{PgRow, PgTypeInfo, types::Oid},
};
use tokio::{runtime::Runtime, sync::Mutex};

use crate::{ROWS, SIZES};

const MANY: &str = "SELECT id, name, hair_color, created_at FROM bench_users WHERE id <= $1";
const ONE: &str = "SELECT id, name, hair_color, created_at FROM bench_users WHERE id = $1";

#[expect(dead_code, reason = "made, not read")]
struct User<T> {
    id: i64,
    name: String,
    hair_color: Option<String>,
    created_at: T,
}

pub(crate) fn sqlite(criterion: &mut Criterion, path: &Path) {
    let connection = rusqlite::Connection::open(path).expect("a file");
    let user = |row: &rusqlite::Row<'_>| -> rusqlite::Result<User<NaiveDateTime>> {
        Ok(User { id: row.get(0)?, name: row.get(1)?, hair_color: row.get(2)?, created_at: row.get(3)? })
    };
    let mut read = criterion.benchmark_group("sqlite/read");
    for size in SIZES {
        read.bench_with_input(BenchmarkId::new("rusqlite", size), &size, |b, size| {
            b.iter(|| {
                let mut statement = connection.prepare_cached(MANY).expect("prepared");
                let rows = statement.query_map([size], user).expect("rows");
                rows.collect::<rusqlite::Result<Vec<_>>>().expect("rows")
            });
        });
    }
    read.finish();
    let mut get = criterion.benchmark_group("sqlite/get");
    let mut at = 0;
    get.bench_function("rusqlite", |b| {
        b.iter(|| {
            at = at % ROWS + 1;
            let mut statement = connection.prepare_cached(ONE).expect("prepared");
            statement.query_row([at], user).expect("a row")
        });
    });
    get.finish();
}

/// A timestamp, without a library for dates between.
struct Micros(#[expect(dead_code, reason = "made, not read")] i64);

impl sqlx::Type<sqlx::Postgres> for Micros {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1114))
    }
}

impl<'r> sqlx::Decode<'r, sqlx::Postgres> for Micros {
    fn decode(value: sqlx::postgres::PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        Ok(Self(i64::from_be_bytes(value.as_bytes()?.try_into()?)))
    }
}

impl<'r> sqlx::FromRow<'r, PgRow> for User<Micros> {
    fn from_row(row: &'r PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            hair_color: row.try_get("hair_color")?,
            created_at: row.try_get("created_at")?,
        })
    }
}

pub(crate) fn postgres(criterion: &mut Criterion, runtime: &Runtime, url: &str) {
    let connection = Mutex::new(runtime.block_on(sqlx::PgConnection::connect(url)).expect("a server"));
    let mut read = criterion.benchmark_group("postgres/read");
    for size in SIZES {
        read.bench_with_input(BenchmarkId::new("sqlx", size), &size, |b, size| {
            b.to_async(runtime).iter(async || {
                let mut connection = connection.lock().await;
                let users: Vec<User<Micros>> =
                    sqlx::query_as(MANY).bind(*size).fetch(&mut *connection).try_collect().await.expect("rows");
                users
            });
        });
    }
    read.finish();
    let mut get = criterion.benchmark_group("postgres/get");
    get.bench_function("sqlx", |b| {
        b.to_async(runtime).iter_custom(async |times| {
            let mut connection = connection.lock().await;
            let started = std::time::Instant::now();
            for time in 0..times {
                let at = i64::try_from(time).expect("few") % ROWS + 1;
                let user: User<Micros> = sqlx::query_as(ONE).bind(at).fetch_one(&mut *connection).await.expect("a row");
                black_box(user);
            }
            started.elapsed()
        });
    });
    get.finish();
}
