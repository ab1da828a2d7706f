//! W3: N new users in one transaction, their keys back. The table is empty again after each turn, which nobody's clock counts.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use chrono::NaiveDateTime;
use diesel::{connection::SimpleConnection as _, prelude::*};
use orm_core::prelude::Database;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, Set, TransactionTrait as _};
use sqlx::Connection as _;

use crate::{
    contest::Contest,
    databases::Databases,
    entities::{diesel as theirs, ours::NewUser, sea::new_user},
    w1_read::sea_options,
};

const EMPTY: &str = "DELETE FROM bench_new_users";

pub fn run(databases: &Databases) {
    let runtime = &databases.runtime;
    for (backend, url) in databases.urls().chain(databases.mysql_urls()) {
        let db = runtime.block_on(Database::connect(&url)).expect("a database");
        let sea = runtime.block_on(sea_orm::Database::connect(sea_options(&url))).expect("a database");
        for size in [1_usize, 1_000] {
            let mut contest = Contest::new(format!("W3 {size} {backend}"));
            contest.ours("insert_all", |times| {
                turns(times, || {
                    runtime.block_on(async {
                        let started = Instant::now();
                        let mut session = db.session();
                        let new = (0..size)
                            .map(|at| NewUser::builder().name(name(at)).hair_color("brown").created_at(moment()));
                        let ids: Vec<i64> =
                            session.insert_all(new).await.expect("rows").iter().map(|user| user.id()).collect();
                        black_box(ids);
                        session.commit_and_clear().await.expect("committed");
                        let took = started.elapsed();
                        db.execute(EMPTY, vec![]).await.expect("deleted");
                        took
                    })
                })
            });
            contest.peer("SeaORM, no ids", |times| {
                turns(times, || {
                    runtime.block_on(async {
                        let started = Instant::now();
                        let transaction = sea.begin().await.expect("begun");
                        let new = (0..size).map(|at| new_user::ActiveModel {
                            name: Set(name(at)),
                            hair_color: Set(Some("brown".to_owned())),
                            created_at: Set(moment()),
                            ..Default::default()
                        });
                        new_user::Entity::insert_many(new).exec(&transaction).await.expect("rows");
                        transaction.commit().await.expect("committed");
                        let took = started.elapsed();
                        sea.execute_unprepared(EMPTY).await.expect("deleted");
                        took
                    })
                })
            });
            match backend {
                "SQLite" => sqlite(&mut contest, databases, size),
                "PostgreSQL" => postgres(&mut contest, databases, &url, size),
                _ => mysql(&mut contest, databases, &url, size),
            }
            contest.run(if size == 1 { 50 } else { 3 });
        }
    }
}

fn turns(times: u32, mut turn: impl FnMut() -> Duration) -> Duration {
    (0..times).map(|_| turn()).sum()
}

fn name(at: usize) -> String {
    format!("New user {at}")
}

fn moment() -> NaiveDateTime {
    chrono::DateTime::UNIX_EPOCH.naive_utc()
}

fn sqlite<'d>(contest: &mut Contest<'d>, databases: &'d Databases, size: usize) {
    let mut raw = rusqlite::Connection::open(&databases.sqlite).expect("a file");
    contest.peer("rusqlite, a loop", move |times| {
        turns(times, || {
            let started = Instant::now();
            let transaction = raw.transaction().expect("begun");
            let mut insert = transaction
                .prepare_cached(
                    "INSERT INTO bench_new_users (name, hair_color, created_at) VALUES (?, ?, ?) RETURNING id",
                )
                .expect("prepared");
            let ids: Vec<i64> = (0..size)
                .map(|at| insert.query_row((name(at), "brown", moment()), |row| row.get(0)).expect("a row"))
                .collect();
            black_box(ids);
            drop(insert);
            transaction.commit().expect("committed");
            let took = started.elapsed();
            raw.execute_batch(EMPTY).expect("deleted");
            took
        })
    });
    let mut connection = SqliteConnection::establish(&databases.sqlite.to_string_lossy()).expect("a file");
    contest.peer("Diesel, no ids", move |times| {
        turns(times, || {
            let started = Instant::now();
            let new: Vec<theirs::NewUser> = (0..size)
                .map(|at| theirs::NewUser {
                    name: name(at),
                    hair_color: Some("brown".to_owned()),
                    created_at: moment(),
                })
                .collect();
            let inserted = connection.transaction(|connection| {
                diesel::insert_into(theirs::bench_new_users::table).values(&new).execute(connection)
            });
            inserted.expect("rows");
            let took = started.elapsed();
            connection.batch_execute(EMPTY).expect("deleted");
            took
        })
    });
}

fn postgres<'d>(contest: &mut Contest<'d>, databases: &'d Databases, url: &str, size: usize) {
    let runtime = &databases.runtime;
    let mut connection = runtime.block_on(sqlx::PgConnection::connect(url)).expect("a server");
    contest.peer("sqlx, many rows", move |times| {
        turns(times, || {
            runtime.block_on(async {
                let started = Instant::now();
                let mut transaction = connection.begin().await.expect("begun");
                let mut insert = sqlx::QueryBuilder::<sqlx::Postgres>::new(
                    "INSERT INTO bench_new_users (name, hair_color, created_at) ",
                );
                insert.push_values(0..size, |mut row, at| {
                    row.push_bind(name(at)).push_bind("brown").push_bind(moment());
                });
                insert.push(" RETURNING id");
                let ids: Vec<i64> = insert.build_query_scalar().fetch_all(&mut *transaction).await.expect("rows");
                black_box(ids);
                transaction.commit().await.expect("committed");
                let took = started.elapsed();
                sqlx::query(EMPTY).execute(&mut connection).await.expect("deleted");
                took
            })
        })
    });
}

/// One statement of many rows, and their keys counted up from the first one.
fn mysql<'d>(contest: &mut Contest<'d>, databases: &'d Databases, url: &str, size: usize) {
    let runtime = &databases.runtime;
    let mut connection = runtime.block_on(sqlx::MySqlConnection::connect(url)).expect("a server");
    contest.peer("sqlx, many rows", move |times| {
        turns(times, || {
            runtime.block_on(async {
                let started = Instant::now();
                let mut transaction = connection.begin().await.expect("begun");
                let mut insert = sqlx::QueryBuilder::<sqlx::MySql>::new(
                    "INSERT INTO bench_new_users (name, hair_color, created_at) ",
                );
                insert.push_values(0..size, |mut row, at| {
                    row.push_bind(name(at)).push_bind("brown").push_bind(moment());
                });
                let first = insert.build().execute(&mut *transaction).await.expect("rows").last_insert_id();
                black_box((first..).take(size).collect::<Vec<u64>>());
                transaction.commit().await.expect("committed");
                let took = started.elapsed();
                sqlx::query(EMPTY).execute(&mut connection).await.expect("deleted");
                took
            })
        })
    });
}
