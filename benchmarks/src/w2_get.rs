//! W2: one user by key, another one each time.

use std::hint::black_box;

use diesel::prelude::*;
use orm_core::prelude::{Database, Session};
use sea_orm::EntityTrait as _;
use sqlx::Connection as _;

use crate::{
    contest::{Contest, repeat, repeat_async},
    databases::{Databases, USERS},
    entities::{by_hand, diesel as theirs, ours::User, sea::user},
    w1_read::sea_options,
};

const TIMES: u32 = 1_000;

pub fn run(databases: &Databases) {
    let runtime = &databases.runtime;
    for (backend, url) in databases.urls() {
        let db = runtime.block_on(Database::connect(&url)).expect("a database");
        let mut session = db.session();
        let held: Session = db.session();
        let sea = runtime.block_on(sea_orm::Database::connect(sea_options(&url))).expect("a database");
        let (mut our_keys, mut sea_keys) = (keys(), keys());
        let mut contest = Contest::new(format!("W2 {backend}"));
        contest.ours("a row", |times| {
            session.expunge_all();
            repeat_async(runtime, times, async || {
                black_box(session.get_one::<User>(our_keys()).await.expect("a row"));
            })
        });
        contest.ours("held already", |times| {
            repeat_async(runtime, times, async || {
                black_box(held.get_one::<User>(7).await.expect("a row"));
            })
        });
        contest.peer("SeaORM", |times| {
            repeat_async(runtime, times, async || {
                black_box(user::Entity::find_by_id(sea_keys()).one(&sea).await.expect("a row"));
            })
        });
        if backend == "SQLite" {
            sqlite(&mut contest, databases);
        } else {
            postgres(&mut contest, databases, &url);
        }
        contest.run(TIMES);
    }
}

/// One key after the other, from the first again after the last.
fn keys() -> impl FnMut() -> i64 {
    let mut last = 0;
    move || {
        last = last % USERS + 1;
        last
    }
}

fn sqlite<'d>(contest: &mut Contest<'d>, databases: &'d Databases) {
    use theirs::bench_users::dsl::bench_users;

    let raw = rusqlite::Connection::open(&databases.sqlite).expect("a file");
    let mut keys = keys();
    contest.peer("rusqlite", move |times| {
        repeat(times, || {
            let mut statement = raw.prepare_cached(by_hand::ONE).expect("prepared");
            black_box(statement.query_row([keys()], by_hand::User::of_row).expect("a row"));
        })
    });
    let mut connection = SqliteConnection::establish(&databases.sqlite.to_string_lossy()).expect("a file");
    let mut keys = self::keys();
    contest.peer("Diesel", move |times| {
        repeat(times, || {
            let row = bench_users.find(keys()).select(theirs::User::as_select()).first(&mut connection);
            black_box(row.expect("a row"));
        })
    });
}

fn postgres<'d>(contest: &mut Contest<'d>, databases: &'d Databases, url: &str) {
    let runtime = &databases.runtime;
    let mut connection = runtime.block_on(sqlx::PgConnection::connect(url)).expect("a server");
    let mut keys = keys();
    contest.peer("sqlx", move |times| {
        repeat_async(runtime, times, async || {
            let row = sqlx::query_as::<_, by_hand::User>(by_hand::ONE).bind(keys()).fetch_one(&mut connection).await;
            black_box(row.expect("a row"));
        })
    });
}
