//! W1: N users into structs.

use std::hint::black_box;

use diesel::prelude::*;
use orm_core::prelude::{Database, Select};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use sqlx::Connection as _;

use crate::{
    contest::{Contest, repeat, repeat_async},
    databases::Databases,
    entities::{by_hand, diesel as theirs, ours::User, sea::user},
};

const SIZES: [(i64, u32); 4] = [(1, 300), (10, 300), (1_000, 10), (10_000, 1)];

pub fn run(databases: &Databases) {
    let runtime = &databases.runtime;
    for (backend, url) in databases.urls() {
        let db = runtime.block_on(Database::connect(&url)).expect("a database");
        let mut session = db.session();
        let sea = runtime.block_on(sea_orm::Database::connect(sea_options(&url))).expect("a database");
        for (size, times) in SIZES {
            let query: Select<User> = User::select().filter(User::ID.le(size));
            let mut contest = Contest::new(format!("W1 {size} {backend}"));
            contest.ours("detached", |times| {
                repeat_async(runtime, times, async || {
                    black_box(db.all(&query).await.expect("rows"));
                })
            });
            contest.ours("tracked", |times| {
                repeat_async(runtime, times, async || {
                    black_box(session.all(&query).await.expect("rows"));
                    session.expunge_all();
                })
            });
            contest.peer("SeaORM", |times| {
                repeat_async(runtime, times, async || {
                    let rows = user::Entity::find().filter(user::Column::Id.lte(size)).all(&sea).await;
                    black_box(rows.expect("rows"));
                })
            });
            if backend == "SQLite" {
                sqlite(&mut contest, databases, size);
            } else {
                postgres(&mut contest, databases, &url, size);
            }
            contest.run(times);
        }
    }
}

pub fn sea_options(url: &str) -> sea_orm::ConnectOptions {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).test_before_acquire(false).sqlx_logging(false);
    options
}

fn sqlite<'d>(contest: &mut Contest<'d>, databases: &'d Databases, size: i64) {
    use theirs::bench_users::dsl::{bench_users, id};

    let raw = rusqlite::Connection::open(&databases.sqlite).expect("a file");
    contest.peer("rusqlite", move |times| {
        repeat(times, || {
            let mut statement = raw.prepare_cached(by_hand::MANY).expect("prepared");
            let rows = statement.query_map([size], by_hand::User::of_row).expect("rows");
            black_box(rows.collect::<rusqlite::Result<Vec<_>>>().expect("rows"));
        })
    });
    let mut connection = SqliteConnection::establish(&databases.sqlite.to_string_lossy()).expect("a file");
    contest.peer("Diesel", move |times| {
        repeat(times, || {
            let rows = bench_users.filter(id.le(size)).select(theirs::User::as_select()).load(&mut connection);
            black_box(rows.expect("rows"));
        })
    });
}

fn postgres<'d>(contest: &mut Contest<'d>, databases: &'d Databases, url: &str, size: i64) {
    let runtime = &databases.runtime;
    let mut connection = runtime.block_on(sqlx::PgConnection::connect(url)).expect("a server");
    contest.peer("sqlx", move |times| {
        repeat_async(runtime, times, async || {
            let rows = sqlx::query_as::<_, by_hand::User>(by_hand::MANY).bind(size).fetch_all(&mut connection).await;
            black_box(rows.expect("rows"));
        })
    });
}
