//! PostgreSQL: cancellation, transactions, errors, arrays. Run where `ORM_POSTGRES_URL` names a server.

use std::{future::Future as _, time::Duration};

use super::*;
use crate::value::oid;

pub(super) async fn database() -> Option<Database> {
    let url = std::env::var("ORM_POSTGRES_URL").ok()?;
    Some(Database::connect(url).await.expect("the server of ORM_POSTGRES_URL answers"))
}

/// A table of its own, dropped with the test.
async fn table(db: &Database) -> String {
    let name = unique("orm_core");
    db.execute(format!("CREATE TABLE {name} (id BIGINT PRIMARY KEY, name TEXT UNIQUE)"), vec![])
        .await
        .expect("created");
    name
}

async fn drop_table(db: &Database, name: &str) {
    db.execute(format!("DROP TABLE {name}"), vec![]).await.expect("dropped");
}

#[tokio::test]
async fn transactions_savepoints_and_what_fails_in_them() {
    let Some(db) = database().await else { return };
    let t = table(&db).await;
    let mut connection = db.acquire().await.expect("a connection");
    connection.begin(BeginMode::Deferred, Some(Isolation::Serializable)).await.expect("begun");
    run(&mut connection, &format!("INSERT INTO {t} VALUES (1, 'a')")).await.expect("inserted");
    connection.savepoint("s").await.expect("a savepoint");
    run(&mut connection, &format!("INSERT INTO {t} VALUES (1, 'b')")).await.expect_err("the same key");
    let refused = run(&mut connection, "SELECT 1").await.expect_err("failed before");
    assert_eq!(refused.kind(), ErrorKind::PendingRollback);
    assert_eq!(connection.commit().await.expect_err("failed before").kind(), ErrorKind::PendingRollback);
    connection.rollback_to("s").await.expect("mended");
    connection.release("s").await.expect("released");
    connection.commit().await.expect("committed");
    assert_eq!(integers(&mut connection, &format!("SELECT id FROM {t}")).await.expect("read"), [1]);
    connection.begin(BeginMode::Deferred, None).await.expect("begun");
    run(&mut connection, "SELEC").await.expect_err("no statement");
    connection.rollback().await.expect("rolled back");
    assert_eq!(integers(&mut connection, "SELECT 7::int8").await.expect("goes on"), [7]);
    drop(connection);
    drop_table(&db, &t).await;
}

#[tokio::test]
async fn a_future_dropped_in_the_middle_is_found_out() {
    let Some(db) = database().await else { return };
    let mut connection = db.acquire().await.expect("a connection");
    connection.begin(BeginMode::Deferred, None).await.expect("begun");
    let slow = run(&mut connection, "SELECT pg_sleep(0.3)");
    assert!(tokio::time::timeout(Duration::from_millis(50), slow).await.is_err());
    assert!(connection.was_interrupted());
    assert_eq!(run(&mut connection, "SELECT 1").await.expect_err("unknown state").kind(), ErrorKind::PendingRollback);
    connection.rollback().await.expect("rolled back");
    assert!(!connection.was_interrupted() && !connection.in_transaction());
    assert_eq!(integers(&mut connection, "SELECT 7::int8").await.expect("goes on"), [7]);
}

#[tokio::test]
async fn no_connection_returns_inside_a_transaction() {
    let Ok(url) = std::env::var("ORM_POSTGRES_URL") else { return };
    let db = Database::options(url).max_connections(1).connect().await.expect("the server answers");
    let t = table(&db).await;
    for interrupted in [false, true] {
        let mut connection = db.acquire().await.expect("a connection");
        connection.begin(BeginMode::Deferred, None).await.expect("begun");
        run(&mut connection, &format!("INSERT INTO {t} VALUES (1, 'a')")).await.expect("inserted");
        if interrupted {
            let slow = run(&mut connection, "SELECT pg_sleep(0.2)");
            assert!(tokio::time::timeout(Duration::from_millis(20), slow).await.is_err());
        }
        drop(connection);
        let mut connection = db.acquire().await.expect("rolled back, or another");
        assert!(!connection.in_transaction());
        assert_eq!(integers(&mut connection, &format!("SELECT count(*) FROM {t}")).await.expect("read"), [0]);
    }
    // Dropped in the middle of BEGIN itself.
    let mut connection = db.acquire().await.expect("a connection");
    // One poll; where the server is that quick, it has begun.
    let _ = futures_util::FutureExt::now_or_never(connection.begin(BeginMode::Deferred, None));
    drop(connection);
    let mut connection = db.acquire().await.expect("another");
    let outside = run(&mut connection, "SAVEPOINT s").await.expect_err("only inside a transaction");
    assert!(chain(&outside).contains("can only be used in transaction blocks"), "{}", chain(&outside));
    drop(connection);
    drop_table(&db, &t).await;
}

#[tokio::test]
async fn a_connection_that_the_server_closed_while_idle_is_replaced() {
    let Ok(url) = std::env::var("ORM_POSTGRES_URL") else { return };
    let db = Database::options(&url).max_connections(1).connect().await.expect("the server answers");
    let mut connection = db.acquire().await.expect("a connection");
    let pid = integers(&mut connection, "SELECT pg_backend_pid()::int8").await.expect("read")[0];
    drop(connection);
    let other = Database::connect(url).await.expect("the server answers");
    other
        .execute("SELECT pg_terminate_backend($1)", vec![i32::try_from(pid).expect("a pid").into()])
        .await
        .expect("closed");
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut connection = db.acquire().await.expect("a connection");
    connection.begin(BeginMode::Deferred, None).await.expect("on another connection");
    assert_ne!(integers(&mut connection, "SELECT pg_backend_pid()::int8").await.expect("read"), [pid]);
    // Not at the first statement: what the transaction did is lost, and that is an error.
    let pid = integers(&mut connection, "SELECT pg_backend_pid()::int8").await.expect("read")[0];
    other
        .execute("SELECT pg_terminate_backend($1)", vec![i32::try_from(pid).expect("a pid").into()])
        .await
        .expect("closed");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(run(&mut connection, "SELECT 1").await.expect_err("broken").kind(), ErrorKind::Connection);
    assert!(connection.is_broken());
    connection.rollback().await.expect("nothing left to roll back");
    drop(connection);
    db.execute("SELECT 1", vec![]).await.expect("a new one");
}

#[tokio::test]
async fn a_table_changed_under_a_prepared_statement() {
    let Some(db) = database().await else { return };
    let t = table(&db).await;
    let all = format!("SELECT * FROM {t}");
    let mut connection = db.acquire().await.expect("a connection");
    assert!(integers(&mut connection, &all).await.expect("prepared").is_empty());
    drop(connection);
    db.execute(format!("ALTER TABLE {t} ADD COLUMN more INTEGER"), vec![]).await.expect("altered");
    let mut connection = db.acquire().await.expect("the same connection");
    assert!(integers(&mut connection, &all).await.expect("prepared anew").is_empty());
    drop(connection);
    drop_table(&db, &t).await;
}

#[tokio::test]
async fn errors_are_classified() {
    let Some(db) = database().await else { return };
    let t = table(&db).await;
    let c = unique("orm_core");
    let create = format!(
        "CREATE TABLE {c} (id BIGINT REFERENCES {t}, n SMALLINT NOT NULL CONSTRAINT {c}_positive CHECK (n > 0), s VARCHAR(2))"
    );
    db.execute(create, vec![]).await.expect("created");
    db.execute(format!("INSERT INTO {t} VALUES (1, 'secret')"), vec![]).await.expect("inserted");
    let kind = async |sql: String| db.execute(sql.clone(), vec![]).await.expect_err(&sql);
    let unique = kind(format!("INSERT INTO {t} VALUES (2, 'secret')")).await;
    assert_eq!((unique.kind(), unique.columns()), (ErrorKind::UniqueViolation, &["name".to_owned()][..]));
    assert_eq!(unique.constraint(), Some(&*format!("{t}_name_key")));
    assert!(!chain(&unique).contains("secret") && !format!("{unique:?}").contains("secret"), "{unique:?}");
    // The server's code and words, without the driver's error, whose `Debug` holds the key.
    let source = std::error::Error::source(&unique).map(|source| format!("{source}\n{source:?}"));
    assert!(source.is_some_and(|source| source.contains("23505: duplicate key") && !source.contains("secret")));
    let foreign = kind(format!("INSERT INTO {c} VALUES (9, 1)")).await;
    assert_eq!((foreign.kind(), foreign.columns()), (ErrorKind::ForeignKeyViolation, &["id".to_owned()][..]));
    let not_null = kind(format!("INSERT INTO {c} VALUES (1, NULL)")).await;
    assert_eq!((not_null.kind(), not_null.columns()), (ErrorKind::NotNullViolation, &["n".to_owned()][..]));
    let check = kind(format!("INSERT INTO {c} VALUES (1, -1)")).await;
    assert_eq!((check.kind(), check.constraint()), (ErrorKind::CheckViolation, Some(&*format!("{c}_positive"))));
    assert_eq!(kind(format!("INSERT INTO {c} VALUES (1, 70000)")).await.kind(), ErrorKind::Value);
    assert_eq!(kind(format!("INSERT INTO {c} VALUES (1, 1, 'abc')")).await.kind(), ErrorKind::Value);
    assert_eq!(kind("SELECT 'x'::int".to_owned()).await.kind(), ErrorKind::Value);
    assert_eq!(kind("SELECT * FROM missing".to_owned()).await.kind(), ErrorKind::Schema);
    assert_eq!(kind("SELECT 1::missing".to_owned()).await.kind(), ErrorKind::Schema);
    assert_eq!(kind("SELEC".to_owned()).await.kind(), ErrorKind::Database);
    let nul = db.execute(format!("INSERT INTO {t} VALUES (3, $1)"), vec!["a\0b".into()]).await.expect_err("NUL");
    assert_eq!(nul.kind(), ErrorKind::Value);
    assert!(nul.to_string().contains("NUL"));
    drop_table(&db, &c).await;
    drop_table(&db, &t).await;
}

#[tokio::test]
async fn arrays_enums_and_domains() {
    let Some(db) = database().await else { return };
    let mut connection = db.acquire().await.expect("a connection");
    let many = Statement::new(
        "SELECT v.id, v.name FROM unnest($1, $2) AS v(id, name)",
        vec![
            vec![1_i64, 2, 3].into(),
            Value::Array(
                sea_query::ArrayType::String,
                Some(Box::new(vec!["a".into(), Value::String(None), "c".into()])),
            ),
        ],
    );
    let found = rows(&mut connection, many, |cells| {
        (cells.get::<i64>(0).expect("an id"), cells.get::<Option<String>>(1).expect("a name"))
    });
    assert_eq!(found.await.expect("read"), [(1, Some("a".into())), (2, None), (3, Some("c".into()))]);
    let none = Statement::new("SELECT 1::int8 WHERE 5 = ANY($1)", vec![Vec::<i64>::new().into()]);
    assert!(rows(&mut connection, none, |_| ()).await.expect("read").is_empty());

    let (mood, positive) = (unique("mood"), unique("positive"));
    connection.begin(BeginMode::Deferred, None).await.expect("begun");
    run(&mut connection, &format!("CREATE TYPE {mood} AS ENUM ('happy', 'sad')")).await.expect("created");
    run(&mut connection, &format!("CREATE DOMAIN {positive} AS INTEGER CHECK (VALUE > 0)")).await.expect("created");
    run(&mut connection, &format!("CREATE TEMP TABLE people (mood {mood}, age {positive})")).await.expect("created");
    let label = |label: &'static str| {
        Value::Enum(sea_query::OptionEnum::Some(Box::new(sea_query::Enum {
            type_name: "mood".into(),
            value: label.into(),
        })))
    };
    let insert = Statement::new("INSERT INTO people VALUES ($1, $2)", vec![label("sad"), 7_i32.into()]);
    assert_eq!(connection.execute(&insert).await.expect("inserted"), 1);
    let casted = Statement::new(
        format!("SELECT mood, age, $1::{mood} FROM people WHERE mood = ANY($2::{mood}[])"),
        vec![
            label("happy"),
            Value::Array(sea_query::ArrayType::Enum(Box::new("mood".into())), Some(Box::new(vec![label("sad")]))),
        ],
    );
    let found = rows(&mut connection, casted, |cells| {
        assert!(matches!(cells.raw(1), crate::value::Raw::Postgres { oid: oid::INT4, .. }), "{:?}", cells.raw(1));
        (
            cells.get::<String>(0).expect("a label"),
            cells.get::<i32>(1).expect("an age"),
            cells.get::<String>(2).expect("a label"),
        )
    });
    assert_eq!(found.await.expect("read"), [("sad".into(), 7, "happy".into())]);
    connection.rollback().await.expect("rolled back");
}

#[tokio::test]
async fn aggregates_decode_as_numbers() {
    let Some(db) = database().await else { return };
    let mut connection = db.acquire().await.expect("a connection");
    let sums = Statement::text("SELECT sum(i), avg(i), sum(i::int8) FROM generate_series(1, 4) AS i");
    let found = rows(&mut connection, sums, |cells| {
        (
            cells.get::<i64>(0).expect("a sum"),
            cells.get::<f64>(1).expect("an average"),
            cells.get::<i64>(2).expect("a numeric"),
        )
    });
    assert_eq!(found.await.expect("read"), [(10, 2.5, 10)]);
}

#[tokio::test]
async fn a_pool_of_the_user() {
    let Ok(url) = std::env::var("ORM_POSTGRES_URL") else { return };
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect(&url).await.expect("the server answers");
    let db = Database::from_pg_pool(pool.clone());
    let mut connection = db.acquire().await.expect("a connection");
    connection.begin(BeginMode::Deferred, None).await.expect("begun");
    assert!(connection.lend_postgres().is_some());
    drop(connection);
    sqlx::query("SAVEPOINT s").execute(&pool).await.expect_err("only inside a transaction");
}

#[tokio::test]
async fn nobody_answers() {
    let error = Database::connect("postgres://u:hunter2@127.0.0.1:1/x").await.expect_err("no server");
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(!chain(&error).contains("hunter2") && !format!("{error:?}").contains("hunter2"));
    let Ok(url) = std::env::var("ORM_POSTGRES_URL") else { return };
    let wrong = format!("{}_no_such_database", url);
    assert_eq!(Database::connect(wrong).await.expect_err("no database").kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn one_text_with_values_of_several_types() {
    let Some(db) = database().await else { return };
    let mut connection = db.acquire().await.expect("a connection");
    // Prepared for an integer, the bits of a float would pass as one.
    for (value, expected) in
        [(Value::from(7_i64), "7"), (0.5_f64.into(), "0.5"), (8_i64.into(), "8"), ("x".into(), "x")]
    {
        let found =
            rows(&mut connection, Statement::new("SELECT $1 || ''", vec![value]), |cells| cells.get::<String>(0));
        assert_eq!(found.await.expect("read").remove(0).expect("text"), expected);
    }
}

#[tokio::test]
async fn what_is_refused_before_it_is_sent_does_not_fail_the_transaction() {
    let Some(db) = database().await else { return };
    let mut connection = db.acquire().await.expect("a connection");
    connection.begin(BeginMode::Deferred, None).await.expect("begun");
    let nul = connection.execute(&Statement::new("SELECT $1", vec!["a\0b".into()])).await.expect_err("NUL");
    assert_eq!(nul.kind(), ErrorKind::Value);
    let statement = Statement::text("SELECT generate_series(1, 100)");
    let stopped = connection.fetch(&statement, &mut |_| Err(Error::new(ErrorKind::Decode, "enough"))).await;
    assert_eq!(stopped.expect_err("stopped").kind(), ErrorKind::Decode);
    assert_eq!(integers(&mut connection, "SELECT 7::int8").await.expect("goes on"), [7]);
    connection.commit().await.expect("committed");
}

#[test]
fn a_connection_outlives_its_runtime() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let first = runtime();
    let Some(db) = first.block_on(database()) else { return };
    let mut connection = first.block_on(db.acquire()).expect("a connection");
    first.block_on(connection.begin(BeginMode::Deferred, None)).expect("begun");
    // Neither with a runtime that ends at once nor without one does it come back in a transaction.
    drop(first);
    drop(connection);
    let outside = runtime().block_on(db.execute("SELECT 1", vec![]));
    assert_eq!(outside.expect("on a new connection"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn futures_dropped_anywhere_leave_no_transaction_and_no_answer_behind() {
    let Ok(url) = std::env::var("ORM_POSTGRES_URL") else { return };
    let db = Database::options(url).max_connections(2).connect().await.expect("the server answers");
    let t = table(&db).await;
    let insert = format!("INSERT INTO {t} VALUES ($1, NULL)");
    let mut interrupted = 0;
    for round in 0..300_i64 {
        let mut connection = db.acquire().await.expect("a connection");
        let mut work = Box::pin(async {
            connection.begin(BeginMode::Deferred, None).await?;
            connection.execute(&Statement::new(insert.clone(), vec![round.into()])).await?;
            integers(&mut connection, &format!("SELECT {}::int8", round % 7)).await?;
            connection.rollback().await
        });
        // Cut after so many polls: in the middle of any of the four.
        let mut polls = round % 6;
        let cut = std::future::poll_fn(|context| {
            polls -= 1;
            match work.as_mut().poll(context) {
                std::task::Poll::Pending if polls <= 0 => std::task::Poll::Ready(None),
                other => other.map(Some),
            }
        });
        if let Some(result) = cut.await {
            result.expect("not cut");
        }
        drop(work);
        if connection.was_interrupted() {
            interrupted += 1;
            if round % 2 == 0 {
                connection.rollback().await.expect("settled");
                assert_eq!(integers(&mut connection, "SELECT 42::int8").await.expect("in order"), [42]);
            }
        }
        drop(connection);
        let mut connection = db.acquire().await.expect("a connection");
        assert_eq!(
            rows(&mut connection, Statement::new("SELECT $1", vec![round.into()]), |cells| cells
                .get::<i64>(0)
                .expect("a number"))
            .await
            .expect("its own answer"),
            [round]
        );
        run(&mut connection, "SAVEPOINT s").await.expect_err("no transaction is open");
    }
    assert!(interrupted > 10, "{interrupted}");
    let mut connection = db.acquire().await.expect("a connection");
    assert_eq!(integers(&mut connection, &format!("SELECT count(*) FROM {t}")).await.expect("read"), [0]);
    drop(connection);
    drop_table(&db, &t).await;
}

#[tokio::test]
async fn a_statement_cache_of_one() {
    let Ok(url) = std::env::var("ORM_POSTGRES_URL") else { return };
    let db = Database::options(url).statement_cache_capacity(1).connect().await.expect("the server answers");
    let mut connection = db.acquire().await.expect("a connection");
    for number in 0..20 {
        let sql = format!("SELECT {}::int8", number % 3);
        assert_eq!(integers(&mut connection, &sql).await.expect("read"), [number % 3]);
    }
}
