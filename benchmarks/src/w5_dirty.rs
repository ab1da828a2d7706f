//! W5: 1,000 loaded objects, one column changed on each, another value for each, in one transaction. Loading them does not count.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use orm_core::prelude::{Database, Persistent};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set,
    TransactionTrait as _,
};
use sqlx::Connection as _;

use crate::{
    contest::{Contest, repeat, repeat_async},
    databases::Databases,
    entities::{by_hand, diesel as theirs, ours::User, sea::user},
    w1_read::sea_options,
};

const COUNT: i64 = 1_000;

pub fn run(databases: &Databases) {
    let runtime = &databases.runtime;
    for (backend, url) in databases.urls().chain(databases.mysql_urls()) {
        let db = runtime.block_on(Database::connect(&url)).expect("a database");
        let sea = runtime.block_on(sea_orm::Database::connect(sea_options(&url))).expect("a database");
        let models = user::Entity::find().filter(user::Column::Id.lte(COUNT)).all(&sea);
        let models = runtime.block_on(models).expect("rows");
        let (mut name, mut sea_name) = (names(), names());
        let mut contest = Contest::new(format!("W5 {backend}"));
        contest.ours("flush", |times| {
            runtime.block_on(async {
                let mut took = Duration::ZERO;
                for _ in 0..times {
                    let mut session = db.session();
                    let users: Vec<Persistent<'_, User>> =
                        session.all(&User::select().filter(User::ID.le(COUNT))).await.expect("rows");
                    let started = Instant::now();
                    for user in users {
                        user.set_name(name());
                    }
                    session.commit().await.expect("committed");
                    took += started.elapsed();
                }
                took
            })
        });
        contest.peer("SeaORM", |times| {
            repeat_async(runtime, times, async || {
                let transaction = sea.begin().await.expect("begun");
                for model in &models {
                    let mut changed = model.clone().into_active_model();
                    changed.name = Set(sea_name());
                    changed.update(&transaction).await.expect("updated");
                }
                transaction.commit().await.expect("committed");
            })
        });
        match backend {
            "SQLite" => sqlite(&mut contest, databases),
            "PostgreSQL" => postgres(&mut contest, databases, &url),
            _ => mysql(&mut contest, databases, &url),
        }
        contest.run(1);
    }
}

/// Another name each time.
pub fn names() -> impl FnMut() -> String {
    let mut last = 0_u64;
    move || {
        last += 1;
        format!("Renamed {last}")
    }
}

fn sqlite<'d>(contest: &mut Contest<'d>, databases: &'d Databases) {
    use theirs::bench_users::dsl::{bench_users, name as name_column};

    let mut raw = rusqlite::Connection::open(&databases.sqlite).expect("a file");
    let mut name = names();
    contest.peer("rusqlite, a loop", move |times| {
        repeat(times, || {
            let transaction = raw.transaction().expect("begun");
            let mut update = transaction.prepare_cached(by_hand::RENAME).expect("prepared");
            for id in 1..=COUNT {
                update.execute((name(), id)).expect("updated");
            }
            drop(update);
            transaction.commit().expect("committed");
        })
    });
    let mut connection = SqliteConnection::establish(&databases.sqlite.to_string_lossy()).expect("a file");
    let mut name = names();
    contest.peer("Diesel, a loop", move |times| {
        repeat(times, || {
            let renamed = connection.transaction(|connection| {
                for id in 1..=COUNT {
                    diesel::update(bench_users.find(id)).set(name_column.eq(name())).execute(connection)?;
                }
                diesel::QueryResult::Ok(())
            });
            renamed.expect("committed");
        })
    });
}

fn postgres<'d>(contest: &mut Contest<'d>, databases: &'d Databases, url: &str) {
    let runtime = &databases.runtime;
    let mut connection = runtime.block_on(sqlx::PgConnection::connect(url)).expect("a server");
    let mut name = names();
    contest.peer("sqlx, a loop", move |times| {
        repeat_async(runtime, times, async || {
            let mut transaction = connection.begin().await.expect("begun");
            for id in 1..=COUNT {
                let update = sqlx::query(by_hand::RENAME).bind(name()).bind(id);
                update.execute(&mut *transaction).await.expect("updated");
            }
            transaction.commit().await.expect("committed");
        })
    });
}

fn mysql<'d>(contest: &mut Contest<'d>, databases: &'d Databases, url: &str) {
    let runtime = &databases.runtime;
    let mut connection = runtime.block_on(sqlx::MySqlConnection::connect(url)).expect("a server");
    let mut name = names();
    contest.peer("sqlx, a loop", move |times| {
        repeat_async(runtime, times, async || {
            let mut transaction = connection.begin().await.expect("begun");
            for id in 1..=COUNT {
                let update = sqlx::query(by_hand::RENAME_MYSQL).bind(name()).bind(id);
                update.execute(&mut *transaction).await.expect("updated");
            }
            transaction.commit().await.expect("committed");
        })
    });
}
