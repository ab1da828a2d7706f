//! Keys that MySQL and MariaDB count up: each object has the key of its own row, whoever writes beside it, and whatever the step is.

use std::collections::HashMap;

use orm_core::{
    database::{DatabaseOptions, Without},
    prelude::*,
    schema,
};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(
    only_mysql: each_object_has_the_key_of_its_row_whoever_writes_beside_it,
    a_step_that_changes_is_noticed_in_the_statement_that_counts,
    a_step_that_changes_within_a_transaction_loses_nothing_of_it,
    a_pool_of_the_program_counts_by_its_own_step,
    rows_with_keys_and_without_go_out_together,
    a_row_in_the_way_of_the_numbers_is_a_violation,
);

each_backend!(a_key_that_the_table_does_not_count_up_says_so);

#[derive(Entity)]
#[orm(table = "entries")]
struct Entry {
    #[orm(primary_key)]
    id: i64,
    writer: i32,
    number: i32,
}

/// With RETURNING where the server has it, and without.
fn both(db: &TestDb) -> [DatabaseOptions; 2] {
    [db.options(), db.options().without(Without::Returning)].map(|options| options.max_connections(1))
}

const ROUNDS: i32 = 6;
const ROWS: i32 = 25;

/// Writes rows by another step than the server's own; gives what each object takes for the key of its row.
async fn write(options: DatabaseOptions, writer: i32, step: u32) -> Outcome<Vec<(i64, i32, i32)>> {
    let db = options.connect().await?;
    let mut seen = Vec::new();
    let session = db.session();
    session.sql(format!("SET SESSION auto_increment_increment = {step}")).execute().await?;
    for round in 0..ROUNDS {
        let rows = (0..ROWS).map(|row| Entry::builder().writer(writer).number(round * ROWS + row));
        let rows = session.insert_all(rows).await?;
        seen.extend(rows.iter().map(|row| (row.id(), row.writer(), row.number())));
        session.commit_keeping().await?;
        session.sql(format!("SET SESSION auto_increment_increment = {step}")).execute().await?;
    }
    Ok(seen)
}

async fn each_object_has_the_key_of_its_row_whoever_writes_beside_it(db: TestDb) -> Outcome {
    let db = db.with(schema![Entry]).await?;
    db.run(&["INSERT INTO entries (writer, number) VALUES (-1, 0), (-1, 1)"]).await?;
    let mut tasks = Vec::new();
    for (writer, step) in (0..8).zip([1, 3, 7, 1, 3, 7, 1, 3]) {
        let [usual, without] = both(&db);
        tasks.push(tokio::spawn(write(if writer % 2 == 0 { usual } else { without }, writer, step)));
    }
    let beside = db.clone();
    let others = tokio::spawn(async move {
        for round in 0..12_i32 {
            // Rows whose number the server does not know beforehand.
            let copy = "INSERT INTO entries (writer, number) SELECT -2, number FROM entries WHERE writer < 0 LIMIT 40";
            beside.run(&[copy]).await?;
            // A key of one's own, beyond what is counted so far.
            let mut session = beside.session();
            let last = session.sql("SELECT MAX(id) FROM entries").one::<i64>().await?;
            session.insert(Entry::builder().id(last + 100).writer(-3).number(round)).await?;
            session.commit().await?;
        }
        Outcome::Ok(())
    });
    let mut seen = Vec::new();
    for task in tasks {
        seen.extend(task.await??);
    }
    // A key of its own that another writer was given meanwhile is a violation, and no more.
    if let Err(failure) = others.await? {
        assert!(format!("{failure:?}").contains("UniqueViolation"), "{failure:?}");
    }
    let stored = db.all(&Entry::select().filter(Entry::WRITER.ge(0))).await?;
    let stored: HashMap<i64, (i32, i32)> = stored.iter().map(|row| (row.id(), (row.writer(), row.number()))).collect();
    assert_eq!((stored.len(), seen.len()), (8 * 150, 8 * 150));
    for (id, writer, number) in seen {
        assert_eq!(stored.get(&id), Some(&(writer, number)), "key {id}");
    }
    Ok(())
}

async fn a_step_that_changes_is_noticed_in_the_statement_that_counts(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let [_, without] = both(&db);
    let db = without.connect().await?;
    let session = db.session();
    let log = db.statement_log();
    let mut names = (0..).map(|n| format!("u{n}"));
    for step in [1, 7, 3, 1] {
        session.sql(format!("SET SESSION auto_increment_increment = {step}")).execute().await?;
        log.texts();
        let users = session.insert_all(names.by_ref().take(5).map(|name| User::builder().name(name))).await?;
        let sent = log.texts();
        // Refused, asked, and sent again; then known.
        let changed = usize::from(step != 1 || sent.len() > 1);
        assert_eq!(sent.len(), 1 + 2 * changed, "{sent:#?}");
        for pair in users.windows(2) {
            assert_eq!(pair[1].id() - pair[0].id(), step);
        }
        for user in &users {
            let stored = session.sql("SELECT name FROM users WHERE id = ?").bind(user.id()).one::<String>().await?;
            assert_eq!(user.name(), stored);
        }
        log.texts();
        session.insert_all(names.by_ref().take(2).map(|name| User::builder().name(name))).await?;
        log.assert(&["INSERT users"]);
        // One row needs no step.
        session.insert(User::builder().name(names.next().unwrap_or_default())).await?;
        log.assert(&["INSERT users"]);
    }
    Ok(())
}

async fn a_step_that_changes_within_a_transaction_loses_nothing_of_it(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for (turn, options) in both(&db).into_iter().enumerate() {
        let db = options.connect().await?;
        let mut session = db.session();
        let name = |n: usize| format!("turn {turn} row {n}");
        let ada = session.get_one::<User>(1).await?;
        ada.set_nick(name(0));
        let first = session.insert_all([1, 2].map(|n| User::builder().name(name(n)))).await?;
        let first: Vec<i64> = first.iter().map(|user| user.id()).collect();
        session.sql("SET SESSION auto_increment_increment = 5").execute().await?;
        let then = session.insert_all([3, 4, 5].map(|n| User::builder().name(name(n)))).await?;
        let ids: Vec<i64> = first.into_iter().chain(then.iter().map(|user| user.id())).collect();
        session.commit().await?;
        for (n, id) in (1..).zip(ids) {
            assert_eq!(session.get_one::<User>(id).await?.name(), name(n));
        }
        assert_eq!(session.get_one::<User>(1).await?.nick(), Some(&*name(0)));
    }
    Ok(())
}

async fn a_pool_of_the_program_counts_by_its_own_step(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let pool = sqlx::mysql::MySqlPoolOptions::new().after_connect(|connection, _| {
        Box::pin(
            async move { sqlx::query("SET SESSION auto_increment_increment = 4").execute(connection).await.map(drop) },
        )
    });
    let pool = pool.max_connections(2).connect(db.url()).await?;
    let shared = Database::from_mysql_pool(pool.clone());
    let mut session = shared.session();
    let users = session.insert_all(["x", "y", "z"].map(|name| User::builder().name(name))).await?;
    let ids: Vec<(i64, String)> = users.iter().map(|user| (user.id(), user.name().to_owned())).collect();
    session.commit().await?;
    for (id, name) in ids {
        assert_eq!(session.get_one::<User>(id).await?.name(), name);
    }
    drop(session);
    pool.close().await;
    Ok(())
}

async fn rows_with_keys_and_without_go_out_together(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for (turn, options) in both(&db).into_iter().enumerate() {
        let db = options.connect().await?;
        let session = db.session();
        let log = db.statement_log();
        let users: Vec<_> = (0..9)
            .map(|n| {
                let user = User::builder().name(format!("turn {turn} row {n}"));
                let given = 1_000 * (turn as i64 + 1) + n;
                if n % 3 == 1 { session.add(user.id(given)) } else { session.add(user) }
            })
            .collect::<Result<_, _>>()?;
        session.flush().await?;
        log.assert(&["INSERT users", "INSERT users"]);
        for user in users {
            let user = session.persisted(&user)?;
            let stored = session.sql("SELECT name FROM users WHERE id = ?").bind(user.id()).one::<String>().await?;
            assert_eq!(user.name(), stored);
        }
        session.commit_keeping().await?;
    }
    Ok(())
}

async fn a_row_in_the_way_of_the_numbers_is_a_violation(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let [_, without] = both(&db);
    let db = without.connect().await?;
    let mut session = db.session();
    // Lower than what was counted so far: the counter stays, and this row waits in front of it.
    session.sql("SET SESSION auto_increment_increment = 10").execute().await?;
    session.sql("INSERT INTO users (name) VALUES ('far')").execute().await?;
    let far = session.sql("SELECT MAX(id) FROM users").one::<i64>().await?;
    session.insert(User::builder().id(far - 1).name("before")).await?;
    let users = session.insert_all(["x", "y"].map(|name| User::builder().name(name))).await?;
    assert!(users.iter().all(|user| user.id() > far));
    session.rollback().await?;
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

#[derive(Entity)]
#[orm(table = "uncounted")]
struct Uncounted {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

async fn a_key_that_the_table_does_not_count_up_says_so(db: TestDb) -> Outcome {
    if db.is_sqlite() {
        // Every integer key is counted up there.
        return Ok(());
    }
    db.run(&["CREATE TABLE uncounted (id bigint NOT NULL PRIMARY KEY, name varchar(20) NOT NULL)"]).await?;
    for rows in [1, 3] {
        for options in [db.options(), db.options().without(Without::Returning)] {
            let db = options.connect().await?;
            let mut session = db.session();
            let builders = (0..rows).map(|n| Uncounted::builder().name(format!("n{n}")));
            let error = refused(session.insert_all(builders).await.map(drop), ErrorKind::Schema);
            assert_eq!((error.entity(), error.attribute()), (Some("Uncounted"), Some("id")));
            assert!(error.to_string().contains("`id` of table `uncounted`"), "{error}");
            session.rollback().await?;
            // Another column that is NULL is what it was.
            session.insert(Uncounted::builder().id(7).name("given")).await?;
        }
    }
    Ok(())
}
