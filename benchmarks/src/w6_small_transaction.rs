//! W6: begin, one user by key, one column changed, commit.

use diesel::prelude::*;
use orm_core::prelude::Database;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, Set, TransactionTrait as _};
use sqlx::Connection as _;

use crate::{
    contest::{Contest, repeat, repeat_async},
    databases::Databases,
    entities::{by_hand, diesel as theirs, ours::User, sea::user},
    w1_read::sea_options,
    w5_dirty::names,
};

const TIMES: u32 = 200;
const KEY: i64 = 7;

pub fn run(databases: &Databases) {
    let runtime = &databases.runtime;
    for (backend, url) in databases.urls() {
        let db = runtime.block_on(Database::connect(&url)).expect("a database");
        let sea = runtime.block_on(sea_orm::Database::connect(sea_options(&url))).expect("a database");
        let (mut name, mut sea_name) = (names(), names());
        let mut contest = Contest::new(format!("W6 {backend}"));
        contest.ours("a new session", |times| {
            repeat_async(runtime, times, async || {
                let mut session = db.session();
                session.get_one::<User>(KEY).await.expect("a row").set_name(name());
                session.commit().await.expect("committed");
            })
        });
        contest.peer("SeaORM", |times| {
            repeat_async(runtime, times, async || {
                let transaction = sea.begin().await.expect("begun");
                let model = user::Entity::find_by_id(KEY).one(&transaction).await.expect("read").expect("a row");
                let mut changed = model.into_active_model();
                changed.name = Set(sea_name());
                changed.update(&transaction).await.expect("updated");
                transaction.commit().await.expect("committed");
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

fn sqlite<'d>(contest: &mut Contest<'d>, databases: &'d Databases) {
    use theirs::bench_users::dsl::{bench_users, name as name_column};

    let mut raw = rusqlite::Connection::open(&databases.sqlite).expect("a file");
    let mut name = names();
    contest.peer("rusqlite", move |times| {
        repeat(times, || {
            let transaction = raw.transaction().expect("begun");
            let mut one = transaction.prepare_cached(by_hand::ONE).expect("prepared");
            let user = one.query_row([KEY], by_hand::User::of_row).expect("a row");
            let mut update = transaction.prepare_cached(by_hand::RENAME).expect("prepared");
            update.execute((name(), user.id)).expect("updated");
            drop((one, update));
            transaction.commit().expect("committed");
        })
    });
    let mut connection = SqliteConnection::establish(&databases.sqlite.to_string_lossy()).expect("a file");
    let mut name = names();
    contest.peer("Diesel", move |times| {
        repeat(times, || {
            let renamed = connection.transaction(|connection| {
                let user = bench_users.find(KEY).select(theirs::User::as_select()).first(connection)?;
                diesel::update(bench_users.find(user.id)).set(name_column.eq(name())).execute(connection)
            });
            renamed.expect("committed");
        })
    });
}

fn postgres<'d>(contest: &mut Contest<'d>, databases: &'d Databases, url: &str) {
    let runtime = &databases.runtime;
    let mut connection = runtime.block_on(sqlx::PgConnection::connect(url)).expect("a server");
    let mut name = names();
    contest.peer("sqlx", move |times| {
        repeat_async(runtime, times, async || {
            let mut transaction = connection.begin().await.expect("begun");
            let user: by_hand::User =
                sqlx::query_as(by_hand::ONE).bind(KEY).fetch_one(&mut *transaction).await.expect("a row");
            let update = sqlx::query(by_hand::RENAME).bind(name()).bind(user.id);
            update.execute(&mut *transaction).await.expect("updated");
            transaction.commit().await.expect("committed");
        })
    });
}
