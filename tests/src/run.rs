//! Runs one test: a runtime of its own, a fresh database, a limit of time, and no database left behind.

use std::{
    future::Future,
    io::Write as _,
    panic,
    pin::Pin,
    sync::Once,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::runtime::{Builder, Runtime};

use crate::{Outcome, TestDb};

/// A test whose type is the same as every other's: what runs it is compiled once, not for each test on each backend.
pub type Test = Box<dyn FnOnce(TestDb) -> Pin<Box<dyn Future<Output = Outcome> + Send>>>;

/// A test as a [`Test`].
pub fn test<F: Future<Output = Outcome> + Send + 'static>(test: fn(TestDb) -> F) -> Test {
    Box::new(move |db| Box::pin(test(db)))
}

/// What hangs is a failure.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs a test on an SQLite database in memory.
///
/// # Panics
/// When the test fails.
pub fn on_sqlite(name: &str, test: Test) {
    runtime().block_on(async { finish(name, test(TestDb::sqlite_memory().await)).await });
}

/// Runs a test on an SQLite database in a file.
///
/// # Panics
/// When the test fails.
pub fn on_sqlite_file(name: &str, test: Test) {
    runtime().block_on(async { finish(name, test(TestDb::sqlite_file().await)).await });
}

/// Runs a test in a PostgreSQL schema of its own; without `ORM_POSTGRES_URL` it is skipped, unless `ORM_REQUIRE` lists `postgres`.
///
/// # Panics
/// When the test fails; when PostgreSQL is required and not there; when the test leaves a connection inside a transaction.
pub fn on_postgres(name: &str, test: Test) {
    let url = match std::env::var("ORM_POSTGRES_URL") {
        Ok(url) if !url.is_empty() => url,
        _ => return skip_postgres(),
    };
    runtime().block_on(async {
        let schema = unique_schema();
        let db = TestDb::postgres(&url, &schema).await;
        // The schema goes whether the test panics or not.
        let result = tokio::spawn(finish_owned(name.to_owned(), test(db))).await;
        let dropped = TestDb::drop_postgres_schema(&url, &schema).await;
        match result {
            Ok(()) => dropped.unwrap_or_else(|failure| panic!("{name} left something behind: {failure:?}")),
            Err(error) => panic::resume_unwind(error.into_panic()),
        }
    });
}

/// Runs a test in a MySQL or MariaDB database of its own; without `ORM_MYSQL_URL` it is skipped, unless `ORM_REQUIRE` lists `mysql`.
///
/// # Panics
/// When the test fails; when MySQL is required and not there; when the test leaves a connection inside a transaction.
pub fn on_mysql(name: &str, test: Test) {
    let url = match std::env::var("ORM_MYSQL_URL") {
        Ok(url) if !url.is_empty() => url,
        _ => return skip_mysql(),
    };
    runtime().block_on(async {
        let database = unique_schema();
        let db = TestDb::mysql(&url, &database).await;
        let result = tokio::spawn(finish_owned(name.to_owned(), test(db))).await;
        let dropped = TestDb::drop_mysql_database(&url, &database).await;
        match result {
            Ok(()) => dropped.unwrap_or_else(|failure| panic!("{name} left something behind: {failure:?}")),
            Err(error) => panic::resume_unwind(error.into_panic()),
        }
    });
}

/// Runs a test in a PostgreSQL database of its own, behind the PgBouncer of `ORM_PGBOUNCER_URL`, which is in transaction mode and leads to
/// the server of `ORM_POSTGRES_URL` whatever the database; without it it is skipped, unless `ORM_REQUIRE` lists `pgbouncer`.
///
/// # Panics
/// When the test fails; when PgBouncer is required and not there.
pub fn on_pgbouncer(name: &str, test: Test) {
    let url = |variable: &str| std::env::var(variable).ok().filter(|url| !url.is_empty());
    let (Some(server), Some(pooler)) = (url("ORM_POSTGRES_URL"), url("ORM_PGBOUNCER_URL")) else {
        return skip_pgbouncer();
    };
    runtime().block_on(async {
        let database = unique_schema();
        let db = TestDb::pgbouncer(&server, &pooler, &database).await;
        let result = tokio::spawn(finish_owned(name.to_owned(), test(db))).await;
        let dropped = TestDb::drop_postgres_database(&server, &database).await;
        match result {
            Ok(()) => dropped.unwrap_or_else(|failure| panic!("{name} left something behind: {failure:?}")),
            Err(error) => panic::resume_unwind(error.into_panic()),
        }
    });
}

async fn finish_owned(name: String, test: impl Future<Output = Outcome> + Send + 'static) {
    finish(&name, test).await;
}

/// On a worker of the runtime, as in a program, not on the thread of `block_on`.
async fn finish(name: &str, test: impl Future<Output = Outcome> + Send + 'static) {
    match tokio::time::timeout(LIMIT, tokio::spawn(test)).await {
        Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(failure))) => panic!("{failure:?}"),
        Ok(Err(error)) => panic::resume_unwind(error.into_panic()),
        Err(_) => panic!("{name} hangs: not done after {LIMIT:?}"),
    }
}

fn runtime() -> Runtime {
    // Unoptimised, the futures of a long test take more stack than a program's.
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(16 << 20)
        .enable_all()
        .build()
        .expect("a runtime starts")
}

fn skip_postgres() {
    static SAID: Once = Once::new();
    skip(&SAID, "postgres", "PostgreSQL", "ORM_POSTGRES_URL", "postgres://user@host:port/database");
}

fn skip_mysql() {
    static SAID: Once = Once::new();
    skip(&SAID, "mysql", "MySQL", "ORM_MYSQL_URL", "mysql://user@host:port/database");
}

fn skip_pgbouncer() {
    static SAID: Once = Once::new();
    skip(&SAID, "pgbouncer", "PgBouncer", "ORM_PGBOUNCER_URL", "postgres://user@host:port/database");
}

fn skip(said: &Once, backend: &str, name: &str, variable: &str, form: &str) {
    let required = std::env::var("ORM_REQUIRE").is_ok_and(|names| names.split(',').any(|name| name.trim() == backend));
    assert!(!required, "ORM_REQUIRE lists {backend}, and {variable} does not say where it is");
    // Past the capture of libtest, so that it is seen.
    said.call_once(|| {
        writeln!(std::io::stderr(), "skipped: every test on {name}, because {variable} is not set ({form})").ok();
    });
}

/// A name that no other run on this server has.
fn unique_schema() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    format!("orm_{}_{now}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
