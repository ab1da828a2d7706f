//! SQLite: runtimes, locks, transactions, errors.

use std::{path::PathBuf, time::Duration};

use super::*;

/// A file that is removed with its companions.
struct TempFile(PathBuf);

impl TempFile {
    fn new() -> Self {
        Self(std::env::temp_dir().join(unique("orm_core")))
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.0.display())
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

async fn memory() -> Database {
    let db =
        Database::options("sqlite::memory:").lock_timeout(Duration::from_millis(150)).connect().await.expect("memory");
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)", vec![]).await.expect("created");
    db
}

async fn insert_and_count(db: &Database, name: &str) -> i64 {
    let changed = db.execute("INSERT INTO t (name) VALUES (?)", vec![name.into()]).await.expect("inserted");
    assert_eq!(changed, 1);
    let mut connection = db.acquire().await.expect("a connection");
    integers(&mut connection, "SELECT count(*) FROM t").await.expect("counted")[0]
}

#[test]
fn every_kind_of_runtime_and_none() {
    let current = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let db = current.block_on(async {
        let db = memory().await;
        assert_eq!(insert_and_count(&db, "a").await, 1);
        tokio::task::LocalSet::new().run_until(async { assert_eq!(insert_and_count(&db, "b").await, 2) }).await;
        db
    });
    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    multi.block_on(async {
        assert_eq!(insert_and_count(&db, "c").await, 3);
        let on_worker = db.clone();
        assert_eq!(tokio::spawn(async move { insert_and_count(&on_worker, "d").await }).await.expect("no panic"), 4);
        let local = tokio::task::LocalSet::new();
        let in_local = db.clone();
        let task = local
            .run_until(async { tokio::task::spawn_local(async move { insert_and_count(&in_local, "e").await }).await });
        assert_eq!(task.await.expect("no panic"), 5);
    });
    assert_eq!(
        futures_util::FutureExt::now_or_never(insert_and_count(&db, "f")),
        Some(6),
        "no runtime, nothing to wait for"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_stream_and_an_error_of_the_reader_ends_it() {
    let db = memory().await;
    let mut connection = db.acquire().await.expect("a connection");
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n";
    let mut seen = 0;
    let mut count = |cells: &Cells<'_>| {
        assert_eq!(cells.len(), 1);
        seen += 1;
        Ok(())
    };
    assert_eq!(connection.fetch(&Statement::text(many), &mut count).await.expect("read"), 1000);
    assert_eq!(seen, 1000);
    let mut seen = 0;
    let mut stop = |_: &Cells<'_>| {
        seen += 1;
        if seen == 3 { Err(Error::new(ErrorKind::Decode, "enough")) } else { Ok(()) }
    };
    let stopped = connection.fetch(&Statement::text(many), &mut stop).await;
    assert_eq!(stopped.expect_err("stopped").kind(), ErrorKind::Decode);
    assert_eq!(seen, 3);
    assert_eq!(integers(&mut connection, "SELECT 7").await.expect("in order"), [7]);
}

#[tokio::test]
async fn transactions_and_savepoints() {
    let db = memory().await;
    let mut connection = db.acquire().await.expect("a connection");
    connection.begin(BeginMode::Deferred, None).await.expect("begun");
    assert!(connection.in_transaction());
    assert!(connection.begin(BeginMode::Deferred, None).await.is_err());
    run(&mut connection, "INSERT INTO t (name) VALUES ('a')").await.expect("inserted");
    connection.savepoint("one \"two\"").await.expect("a savepoint");
    run(&mut connection, "INSERT INTO t (name) VALUES ('b')").await.expect("inserted");
    connection.rollback_to("one \"two\"").await.expect("undone");
    connection.release("one \"two\"").await.expect("released");
    connection.commit().await.expect("committed");
    assert!(!connection.in_transaction());
    assert_eq!(integers(&mut connection, "SELECT count(*) FROM t").await.expect("counted"), [1]);
    connection.begin(BeginMode::Immediate, None).await.expect("begun");
    run(&mut connection, "DELETE FROM t").await.expect("deleted");
    connection.rollback().await.expect("rolled back");
    assert_eq!(integers(&mut connection, "SELECT count(*) FROM t").await.expect("counted"), [1]);
}

#[tokio::test]
async fn a_dropped_connection_rolls_back() {
    let db = Database::options("sqlite::memory:").max_connections(1).connect().await.expect("memory");
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)", vec![]).await.expect("created");
    let mut connection = db.acquire().await.expect("a connection");
    connection.begin(BeginMode::Deferred, None).await.expect("begun");
    run(&mut connection, "INSERT INTO t VALUES (1)").await.expect("inserted");
    drop(connection);
    let mut connection = db.acquire().await.expect("the same connection");
    assert_eq!(integers(&mut connection, "SELECT count(*) FROM t").await.expect("counted"), [0]);
    // Also one that a text opened behind the library's back.
    run(&mut connection, "BEGIN").await.expect("begun");
    drop(connection);
    assert!(!db.acquire().await.expect("the same connection").in_transaction());
    db.execute("INSERT INTO t VALUES (2)", vec![]).await.expect("no transaction left over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sessions_and_a_query_on_memory_end_or_time_out() {
    let db = memory().await;
    db.execute("CREATE TABLE u (id INTEGER PRIMARY KEY)", vec![]).await.expect("created");
    let (mut one, mut two) = (db.acquire().await.expect("one"), db.acquire().await.expect("two"));
    one.begin(BeginMode::Deferred, None).await.expect("begun");
    two.begin(BeginMode::Deferred, None).await.expect("begun");
    run(&mut one, "INSERT INTO t (name) VALUES ('a')").await.expect("the first writer");
    assert_eq!(
        run(&mut two, "INSERT INTO u VALUES (1)").await.expect_err("the second waits").kind(),
        ErrorKind::Timeout
    );
    assert_eq!(integers(&mut two, "SELECT count(*) FROM u").await.expect("another table"), [0]);
    let reader = db.execute("UPDATE t SET name = 'b'", vec![]).await.expect_err("the table is locked");
    assert_eq!(reader.kind(), ErrorKind::Timeout);
    one.commit().await.expect("committed although another has read another table");
    run(&mut two, "INSERT INTO u VALUES (1)").await.expect("goes on");
    two.commit().await.expect("committed");
    assert_eq!(
        integers(&mut one, "SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM u)").await.expect("counted"),
        [2]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_writer_gets_the_lock_when_it_is_free() {
    let file = TempFile::new();
    let db = Database::connect(file.url()).await.expect("a file");
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)", vec![]).await.expect("created");
    let mut one = db.acquire().await.expect("a connection");
    one.begin(BeginMode::Immediate, None).await.expect("begun");
    run(&mut one, "INSERT INTO t VALUES (1)").await.expect("inserted");
    let other = db.clone();
    let waiting = tokio::spawn(async move { other.execute("INSERT INTO t VALUES (2)", vec![]).await });
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert!(!waiting.is_finished());
    // Readers do not wait in WAL mode, and see what was committed.
    let mut reader = db.acquire().await.expect("a connection");
    assert_eq!(integers(&mut reader, "SELECT count(*) FROM t").await.expect("counted"), [0]);
    one.commit().await.expect("committed");
    assert_eq!(waiting.await.expect("no panic").expect("inserted"), 1);
    assert_eq!(integers(&mut reader, "SELECT count(*) FROM t").await.expect("counted"), [2]);
}

#[tokio::test]
async fn a_read_that_turns_into_a_write_too_late_is_a_serialization_failure() {
    let file = TempFile::new();
    let db = Database::connect(file.url()).await.expect("a file");
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)", vec![]).await.expect("created");
    let mut one = db.acquire().await.expect("a connection");
    one.begin(BeginMode::Deferred, None).await.expect("begun");
    integers(&mut one, "SELECT count(*) FROM t").await.expect("counted");
    db.execute("INSERT INTO t VALUES (1)", vec![]).await.expect("inserted");
    assert_eq!(run(&mut one, "INSERT INTO t VALUES (2)").await.expect_err("too late").kind(), ErrorKind::Serialization);
    one.rollback().await.expect("rolled back");
    run(&mut one, "INSERT INTO t VALUES (2)").await.expect("now it goes");
}

#[tokio::test]
async fn errors_are_classified() {
    let db = memory().await;
    let kind = async |sql: &str| db.execute(sql, vec![]).await.expect_err(sql);
    db.execute("INSERT INTO t (name) VALUES ('secret')", vec![]).await.expect("inserted");
    db.execute(
        "CREATE TABLE c (id INTEGER PRIMARY KEY REFERENCES t, n INTEGER NOT NULL CONSTRAINT positive CHECK (n > 0))",
        vec![],
    )
    .await
    .expect("created");
    let unique = kind("INSERT INTO t (name) VALUES ('secret')").await;
    assert_eq!((unique.kind(), unique.columns()), (ErrorKind::UniqueViolation, &["name".to_owned()][..]));
    assert!(!chain(&unique).contains("secret") && !format!("{unique:?}").contains("secret"), "{unique:?}");
    assert_eq!(unique.to_string(), "a unique constraint or primary key refused the row (name)");
    assert!(std::error::Error::source(&unique).is_some_and(|source| source.is::<rusqlite::Error>()));
    let primary = kind("INSERT INTO t (id) VALUES (1)").await;
    assert_eq!((primary.kind(), primary.columns()), (ErrorKind::UniqueViolation, &["id".to_owned()][..]));
    let check = kind("INSERT INTO c VALUES (1, -1)").await;
    assert_eq!((check.kind(), check.constraint()), (ErrorKind::CheckViolation, Some("positive")));
    let not_null = kind("INSERT INTO c VALUES (1, NULL)").await;
    assert_eq!((not_null.kind(), not_null.columns()), (ErrorKind::NotNullViolation, &["n".to_owned()][..]));
    assert_eq!(kind("INSERT INTO c VALUES (9, 1)").await.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(kind("SELECT * FROM missing").await.kind(), ErrorKind::Schema);
    assert_eq!(kind("SELECT missing FROM t").await.kind(), ErrorKind::Schema);
    assert_eq!(kind("SELEC").await.kind(), ErrorKind::Database);
    assert_eq!(kind("SELECT 1; SELECT 2").await.kind(), ErrorKind::Unsupported);
    assert_eq!(kind("SELECT ?").await.kind(), ErrorKind::Value);
    assert_eq!(kind("INSERT INTO t (id) VALUES ('x')").await.kind(), ErrorKind::Value);
    let huge = db.execute("SELECT ?", vec![u64::MAX.into()]).await.expect_err("too large");
    assert_eq!(huge.kind(), ErrorKind::Value);
}

#[tokio::test]
async fn a_file_that_is_no_database_and_one_that_is_missing() {
    let file = TempFile::new();
    std::fs::write(&file.0, "certainly not a database, but long enough to look at").expect("written");
    assert_eq!(Database::connect(file.url()).await.expect_err("no database").kind(), ErrorKind::Configuration);
    let missing = TempFile::new();
    let error = Database::connect(format!("{}?mode=rw", missing.url())).await.expect_err("missing");
    assert_eq!(error.kind(), ErrorKind::Connection);
    Database::connect(missing.url()).await.expect("created");
    let read_only = Database::connect(format!("{}?mode=ro", missing.url())).await.expect("there now");
    assert_eq!(
        read_only.execute("CREATE TABLE t (id)", vec![]).await.expect_err("read only").kind(),
        ErrorKind::ReadOnly
    );
}

#[tokio::test]
async fn the_pool_gives_up_after_the_acquire_timeout() {
    let options = Database::options("sqlite::memory:").max_connections(1).acquire_timeout(Duration::from_millis(20));
    let db = options.connect().await.expect("memory");
    let held = db.acquire().await.expect("a connection");
    let error = db.acquire().await.expect_err("none left");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("max_connections"), "{error}");
    drop(held);
    db.acquire().await.expect("given back");
}

#[tokio::test]
async fn the_log_records_what_was_sent() {
    let db = memory().await;
    let log = db.statement_log();
    let mut connection = db.acquire().await.expect("a connection");
    connection.begin(BeginMode::Deferred, None).await.expect("begun");
    connection.savepoint("s").await.expect("a savepoint");
    run(&mut connection, "INSERT INTO t (name) VALUES ('a'), ('b')").await.expect("inserted");
    run(&mut connection, "INSERT INTO missing VALUES (1)").await.expect_err("no table");
    integers(&mut connection, "SELECT id FROM t").await.expect("read");
    connection.commit().await.expect("committed");
    assert_eq!(log.count(), 4, "{log}");
    assert!(log.to_string().starts_with("BEGIN\nSAVEPOINT \"s\"\nINSERT"), "{log}");
    let kinds: Vec<_> = log.take().into_iter().map(|statement| (statement.kind, statement.rows)).collect();
    use StatementKind::{Begin, Commit, Insert, Savepoint, Select};
    assert_eq!(kinds, [(Begin, 0), (Savepoint, 0), (Insert, 2), (Insert, 0), (Select, 2), (Commit, 0)]);
    assert_eq!(log.count(), 0);
    drop(log);
    run(&mut connection, "SELECT 1").await.expect("nobody listens");
}

#[tokio::test]
async fn decimals_compare_as_numbers() {
    let db = memory().await;
    let mut connection = db.acquire().await.expect("a connection");
    run(&mut connection, "CREATE TABLE d (v TEXT COLLATE orm_decimal)").await.expect("created");
    run(&mut connection, "INSERT INTO d VALUES ('10'), ('9.5'), ('-3'), ('9.50')").await.expect("inserted");
    let ordered = rows(&mut connection, Statement::text("SELECT v FROM d WHERE v > '-5' ORDER BY v, rowid"), |cells| {
        cells.get::<String>(0).expect("text")
    });
    assert_eq!(ordered.await.expect("read"), ["-3", "9.5", "9.50", "10"]);
}

#[tokio::test]
async fn a_begin_that_is_dropped_while_it_waits_has_not_begun() {
    let db = memory().await;
    let (mut one, mut two) = (db.acquire().await.expect("one"), db.acquire().await.expect("two"));
    one.begin(BeginMode::Immediate, None).await.expect("begun");
    let waiting = two.begin(BeginMode::Immediate, None);
    assert!(tokio::time::timeout(Duration::from_millis(20), waiting).await.is_err());
    assert!(!two.in_transaction() && !two.was_interrupted());
    one.rollback().await.expect("rolled back");
    two.begin(BeginMode::Immediate, None).await.expect("begun");
}
