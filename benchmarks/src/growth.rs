//! Whether time grows with what is done and not faster: rows read and inserted, and commits of one session.

use std::{hint::black_box, time::Instant};

use orm_core::prelude::{Database, Select};

use crate::{
    databases::{Databases, USERS},
    entities::ours::{NewUser, User},
};

const ROWS: [i64; 4] = [1_000, 10_000, 100_000, 1_000_000];
const COMMITS: u32 = 100_000;

pub fn run(databases: &Databases) {
    let runtime = &databases.runtime;
    runtime.block_on(async {
        let db = Database::connect(databases.sqlite_url()).await.expect("a database");
        rows(&db).await;
        commits(&db).await;
    });
}

/// Inserts so many rows and reads them, all in one session.
async fn rows(db: &Database) {
    let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
    for size in ROWS {
        let mut session = db.session();
        let new = (0..size).map(|at| NewUser::builder().name(format!("New user {at}")).created_at(now));
        let started = Instant::now();
        black_box(session.insert_all(new).await.expect("rows"));
        print_each("insert", size, started);
        session.commit_and_clear().await.expect("committed");
        let query: Select<NewUser> = NewUser::select();
        let started = Instant::now();
        black_box(session.all(&query).await.expect("rows"));
        print_each("read, tracked", size, started);
        let started = Instant::now();
        black_box(db.all(&query).await.expect("rows"));
        print_each("read, detached", size, started);
        session.close().await.expect("closed");
        db.execute("DELETE FROM bench_new_users", vec![]).await.expect("deleted");
    }
}

/// A session that has seen more and more objects changes one in each transaction.
async fn commits(db: &Database) {
    let mut session = db.session();
    let mut started = Instant::now();
    for commit in 1..=COMMITS {
        let user = session.get_one::<User>(i64::from(commit) % USERS + 1).await.expect("a row");
        user.set_name(format!("Name {commit}"));
        session.commit().await.expect("committed");
        if commit % (COMMITS / 5) == 0 {
            print_each(&format!("commits until {commit}"), i64::from(COMMITS / 5), started);
            started = Instant::now();
        }
    }
}

fn print_each(what: &str, count: i64, started: Instant) {
    println!("{what}, {count}: {:.2} µs each", started.elapsed().as_secs_f64() * 1e6 / count as f64);
}
