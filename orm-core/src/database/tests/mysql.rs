//! MySQL's connections: statements that are cut off, transactions that are left open, errors and what they undo.

use std::time::Duration;

use super::*;
use crate::lexer::Marks;

/// A database to use, unless the environment names none.
async fn database() -> Option<Database> {
    let url = std::env::var("ORM_MYSQL_URL").ok().filter(|url| !url.is_empty())?;
    Some(Database::options(url).max_connections(2).connect().await.expect("the server answers"))
}

async fn table(db: &Database) -> String {
    let name = unique("orm_core_mysql");
    let create = format!("CREATE TABLE {name} (id BIGINT PRIMARY KEY, name VARCHAR(20) UNIQUE)");
    db.execute(create, vec![]).await.expect("created");
    name
}

async fn drop_table(db: &Database, name: &str) {
    db.execute(format!("DROP TABLE {name}"), vec![]).await.expect("dropped");
}

#[tokio::test]
async fn values_are_bound_and_rows_decoded_in_binary() {
    let Some(db) = database().await else { return };
    let mut connection = db.acquire().await.expect("a connection");
    let statement = Statement::new("SELECT ?, ?, ?, NULL", vec![7_i64.into(), "é".into(), u64::MAX.into()]);
    let decode = |cells: &Cells<'_>| {
        (cells.get::<i64>(0).ok(), cells.get::<String>(1).ok(), cells.get::<u64>(2).ok(), cells.raw(3).is_null())
    };
    let found = rows(&mut connection, statement, decode).await.expect("rows");
    assert_eq!(found, [(Some(7), Some("é".to_owned()), Some(u64::MAX), true)]);
    let wrong = connection
        .fetch(&Statement::of_program("SELECT ?", vec![], Marks::Native), &mut |_| Ok(()))
        .await
        .expect_err("no value");
    assert_eq!(wrong.kind(), ErrorKind::Value, "{wrong:?}");
    assert_eq!(integers(&mut connection, "SELECT 7").await.expect("goes on"), [7]);
}

#[tokio::test]
async fn an_error_undoes_its_statement_and_no_more() {
    let Some(db) = database().await else { return };
    let t = table(&db).await;
    let mut connection = db.acquire().await.expect("a connection");
    connection.begin(BeginMode::Deferred, None).await.expect("begun");
    run(&mut connection, &format!("INSERT INTO {t} VALUES (1, 'a')")).await.expect("inserted");
    let error = run(&mut connection, &format!("INSERT INTO {t} VALUES (2, 'b'), (3, 'a')")).await.expect_err("twice");
    assert_eq!((error.kind(), error.constraint()), (ErrorKind::UniqueViolation, Some("name")));
    assert_eq!(integers(&mut connection, &format!("SELECT id FROM {t}")).await.expect("goes on"), [1]);
    connection.commit().await.expect("committed");
    drop(connection);
    drop_table(&db, &t).await;
}

#[tokio::test]
async fn a_future_dropped_in_the_middle_is_found_out() {
    let Some(db) = database().await else { return };
    let mut connection = db.acquire().await.expect("a connection");
    connection.begin(BeginMode::Deferred, None).await.expect("begun");
    let slow = integers(&mut connection, "SELECT SLEEP(0.3)");
    assert!(tokio::time::timeout(Duration::from_millis(50), slow).await.is_err());
    assert!(connection.was_interrupted());
    assert_eq!(run(&mut connection, "DO 1").await.expect_err("unknown state").kind(), ErrorKind::PendingRollback);
    connection.rollback().await.expect("rolled back");
    assert!(!connection.was_interrupted() && !connection.in_transaction());
    // Nobody can say what the server was about to answer: it is another connection from here on.
    assert!(connection.is_broken());
    drop(connection);
    let mut connection = db.acquire().await.expect("another");
    assert_eq!(integers(&mut connection, "SELECT 7").await.expect("goes on"), [7]);
}

#[tokio::test]
async fn no_connection_returns_inside_a_transaction() {
    let Some(db) = database().await else { return };
    let t = table(&db).await;
    for interrupted in [false, true] {
        let mut connection = db.acquire().await.expect("a connection");
        connection.begin(BeginMode::Deferred, None).await.expect("begun");
        run(&mut connection, &format!("INSERT INTO {t} VALUES (1, 'a')")).await.expect("inserted");
        if interrupted {
            let slow = integers(&mut connection, "SELECT SLEEP(0.2)");
            assert!(tokio::time::timeout(Duration::from_millis(20), slow).await.is_err());
        }
        drop(connection);
        for _ in 0..3 {
            let mut connection = db.acquire().await.expect("rolled back, or another");
            assert!(!connection.in_transaction());
            assert_eq!(integers(&mut connection, &format!("SELECT COUNT(*) FROM {t}")).await.expect("read"), [0]);
        }
    }
    drop_table(&db, &t).await;
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let Some(db) = database().await else { return };
    let mut connection = db.acquire().await.expect("a connection");
    let id = integers(&mut connection, "SELECT CONNECTION_ID()").await.expect("an id")[0];
    drop(connection);
    let other = database().await.expect("there");
    other.execute(format!("KILL {id}"), vec![]).await.expect("killed");
    let mut connection = db.acquire().await.expect("a connection");
    assert_eq!(integers(&mut connection, "SELECT 7").await.expect("another one"), [7]);
}
