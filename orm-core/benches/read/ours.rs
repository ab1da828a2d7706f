//! What a program that uses the session does.

use std::{hint::black_box, path::Path};

use chrono::NaiveDateTime;
use criterion::{BenchmarkId, Criterion};
use orm_core::prelude::*;
use tokio::runtime::Runtime;

use crate::{ROWS, SIZES};

#[derive(Entity)]
#[orm(table = "bench_users")]
pub(crate) struct User {
    #[orm(primary_key)]
    id: i64,
    name: String,
    hair_color: Option<String>,
    created_at: NaiveDateTime,
}

pub(crate) async fn sqlite(path: &Path) -> Database {
    let db = Database::connect(format!("sqlite://{}", path.display())).await.expect("a file");
    fill(db).await
}

pub(crate) async fn postgres(url: &str) -> Database {
    let db = Database::connect(url).await.expect("a server");
    drop_table(&db).await;
    fill(db).await
}

pub(crate) async fn drop_table(db: &Database) {
    db.drop_all(schema![User]).await.expect("dropped");
}

async fn fill(db: Database) -> Database {
    db.create_all(schema![User]).await.expect("a table");
    db.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) \
         INSERT INTO bench_users (id, name, hair_color, created_at) \
         SELECT i, 'User ' || i, CASE WHEN i % 2 = 0 THEN 'hair ' || i END, '2024-05-06 07:08:09' FROM n"
            .replace(
                "'2024-05-06 07:08:09'",
                match db.backend() {
                    Backend::Sqlite => "'2024-05-06 07:08:09'",
                    _ => "TIMESTAMP '2024-05-06 07:08:09'",
                },
            ),
    )
    .bind(i32::try_from(ROWS).expect("few"))
    .execute()
    .await
    .expect("rows");
    db.execute("ANALYZE bench_users", vec![]).await.expect("analysed");
    db
}

fn first(count: i64) -> Select<User> {
    User::select().filter(User::ID.le(count))
}

pub(crate) fn benchmarks(criterion: &mut Criterion, runtime: &Runtime, backend: &str, db: &Database) {
    let mut read = criterion.benchmark_group(format!("{backend}/read"));
    for size in SIZES {
        let query = first(size);
        read.bench_with_input(BenchmarkId::new("detached", size), &query, |b, query| {
            b.to_async(runtime).iter(async || db.all(query).await.expect("rows"));
        });
        read.bench_with_input(BenchmarkId::new("tracked", size), &query, |b, query| {
            b.to_async(runtime).iter(async || {
                let session = db.session();
                let rows = session.all(query).await.expect("rows").len();
                session.close().await.expect("closed");
                rows
            });
        });
        let session = db.session();
        read.bench_with_input(BenchmarkId::new("tracked, known", size), &query, |b, query| {
            b.to_async(runtime).iter(async || session.all(query).await.expect("rows").len());
        });
    }
    read.finish();

    let mut get = criterion.benchmark_group(format!("{backend}/get"));
    get.bench_function("miss", |b| {
        b.to_async(runtime).iter_custom(async |times| {
            let mut session = db.session();
            session.get_one::<User>(ROWS).await.expect("a row");
            let started = std::time::Instant::now();
            for time in 0..times {
                let at = i64::try_from(time).expect("few") % (ROWS - 1);
                if at == 0 && time > 0 {
                    session.rollback().await.expect("rolled back");
                }
                black_box(session.get_one::<User>(at + 1).await.expect("a row").name());
            }
            started.elapsed()
        });
    });
    let session = db.session();
    get.bench_function("hit", |b| {
        b.to_async(runtime).iter(async || session.get_one::<User>(7).await.expect("a row").name().len());
    });
    get.finish();
}

pub(crate) fn attributes(criterion: &mut Criterion, runtime: &Runtime, db: &Database) {
    let session = db.session();
    let users = runtime.block_on(session.all(&first(1000))).expect("rows");
    let detached = runtime.block_on(db.all(&first(1000))).expect("rows");
    let mut group = criterion.benchmark_group("attributes of 1000");
    group.bench_function("detached", |b| b.iter(|| detached.iter().map(|user| black_box(user.id())).sum::<i64>()));
    group.bench_function("unmodified", |b| b.iter(|| users.iter().map(|user| black_box(user.id())).sum::<i64>()));
    for user in &users {
        user.set_name("changed");
    }
    group.bench_function("modified", |b| b.iter(|| users.iter().map(|user| black_box(user.id())).sum::<i64>()));
    group.finish();
    runtime.block_on(session.close()).expect("closed");
}
