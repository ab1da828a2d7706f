//! Runs one test: a runtime of its own, a fresh database, a limit of time, and no database left behind.

use std::{
    future::Future,
    io::Write as _,
    panic,
    pin::Pin,
    sync::Once,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinError,
};

use crate::{Outcome, TestDb};

/// A test whose type is the same as every other's: what runs it is compiled once, not for each test on each backend.
pub type Test = Box<dyn FnOnce(TestDb) -> Pin<Box<dyn Future<Output = Outcome> + Send>>>;

/// A test as a [`Test`].
pub fn test<F: Future<Output = Outcome> + Send + 'static>(test: fn(TestDb) -> F) -> Test {
    Box::new(move |db| Box::pin(test(db)))
}

/// What hangs is a failure. `ORM_CASES` multiplies the cases of the random tests, and the time that a test may take with them.
fn limit() -> Duration {
    let times: u32 = std::env::var("ORM_CASES").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    Duration::from_secs(120) * times.max(1)
}

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

/// A server that tests run on where a variable of the environment has its URL.
struct Server {
    /// What `ORM_REQUIRE` lists it as.
    key: &'static str,
    name: &'static str,
    variable: &'static str,
    form: &'static str,
    said: Once,
}

static POSTGRES: Server = Server {
    key: "postgres",
    name: "PostgreSQL",
    variable: "ORM_POSTGRES_URL",
    form: "postgres://user@host:port/database",
    said: Once::new(),
};

static MYSQL: Server = Server {
    key: "mysql",
    name: "MySQL",
    variable: "ORM_MYSQL_URL",
    form: "mysql://user@host:port/database",
    said: Once::new(),
};

static MARIADB: Server = Server {
    key: "mariadb",
    name: "MariaDB",
    variable: "ORM_MARIADB_URL",
    form: "mysql://user@host:port/database",
    said: Once::new(),
};

impl Server {
    /// Where it is. `None` where nothing says so, which is said once.
    fn url(&self) -> Option<String> {
        let url = std::env::var(self.variable).ok().filter(|url| !url.is_empty());
        if url.is_none() {
            let Self { key, name, variable, form, .. } = self;
            assert!(!self.is_required(), "ORM_REQUIRE lists {key}, and {variable} does not say where it is");
            // Past the capture of libtest, so that it is seen.
            self.said.call_once(|| {
                writeln!(std::io::stderr(), "skipped: every test on {name}, because {variable} is not set ({form})")
                    .ok();
            });
        }
        url
    }

    fn is_required(&self) -> bool {
        std::env::var("ORM_REQUIRE").is_ok_and(|names| names.split(',').any(|name| name.trim() == self.key))
    }
}

/// Runs a test in a PostgreSQL schema of its own; without `ORM_POSTGRES_URL` it is skipped, unless `ORM_REQUIRE` lists `postgres`.
///
/// # Panics
/// When the test fails; when PostgreSQL is required and not there; when the test leaves a connection inside a transaction.
pub fn on_postgres(name: &str, test: Test) {
    let Some(url) = POSTGRES.url() else { return };
    runtime().block_on(async {
        let schema = unique_schema();
        let db = TestDb::postgres(&url, &schema).await;
        // The schema goes whether the test panics or not.
        let result = tokio::spawn(finish_owned(name.to_owned(), test(db))).await;
        let dropped = TestDb::drop_postgres_schema(&url, &schema).await;
        settle(name, result, dropped);
    });
}

/// Runs a test in a MySQL database of its own; without `ORM_MYSQL_URL` it is skipped, unless `ORM_REQUIRE` lists `mysql`. Where
/// `ORM_MARIADB_URL` is not set, the URL may be that of a MariaDB.
///
/// # Panics
/// When the test fails; when MySQL is required and not there; when the test leaves a connection inside a transaction.
pub fn on_mysql(name: &str, test: Test) {
    let Some(url) = MYSQL.url() else { return };
    let alone = std::env::var_os(MARIADB.variable).is_none_or(|url| url.is_empty());
    runtime().block_on(async {
        let database = unique_schema();
        let db = TestDb::mysql(&url, &database).await;
        let is_mysql = !db.returns_new_rows();
        finish_and_drop(name, test, db, &url, &database).await;
        assert!(is_mysql || alone, "ORM_MYSQL_URL leads to a MariaDB, and ORM_MARIADB_URL is set as well");
    });
}

static PGBOUNCER: Server = Server {
    key: "pgbouncer",
    name: "PgBouncer",
    variable: "ORM_PGBOUNCER_URL",
    form: "postgres://user@host:port/database",
    said: Once::new(),
};

/// Runs a test in a PostgreSQL database of its own, behind the PgBouncer of `ORM_PGBOUNCER_URL`, which is in transaction mode and leads to
/// the server of `ORM_POSTGRES_URL` whatever the database; without it it is skipped, unless `ORM_REQUIRE` lists `pgbouncer`.
///
/// # Panics
/// When the test fails; when PgBouncer is required and not there.
pub fn on_pgbouncer(name: &str, test: Test) {
    let (Some(server), Some(pooler)) = (POSTGRES.url(), PGBOUNCER.url()) else { return };
    runtime().block_on(async {
        let database = unique_schema();
        let db = TestDb::pgbouncer(&server, &pooler, &database).await;
        let result = tokio::spawn(finish_owned(name.to_owned(), test(db))).await;
        let dropped = TestDb::drop_postgres_database(&server, &database).await;
        settle(name, result, dropped);
    });
}

/// Runs a test in a MariaDB database of its own; without `ORM_MARIADB_URL` it is skipped, unless `ORM_REQUIRE` lists `mariadb`.
///
/// # Panics
/// When the test fails; when MariaDB is required and not there; when the test leaves a connection inside a transaction.
pub fn on_mariadb(name: &str, test: Test) {
    let Some(url) = MARIADB.url() else { return };
    runtime().block_on(async {
        let database = unique_schema();
        let db = TestDb::mysql(&url, &database).await.of_mariadb();
        let is_mariadb = db.returns_new_rows();
        finish_and_drop(name, test, db, &url, &database).await;
        assert!(is_mariadb, "ORM_MARIADB_URL leads to a server that is no MariaDB");
    });
}

static GALERA: Server = Server {
    key: "galera",
    name: "a Galera cluster",
    variable: "ORM_GALERA_URL",
    form: "the nodes' URLs with commas between: mysql://user@host:port/database,..",
    said: Once::new(),
};

/// Runs a test on the nodes of a Galera cluster, in a database of its own; without `ORM_GALERA_URL` (the nodes' URLs, with commas between)
/// it is skipped, unless `ORM_REQUIRE` lists `galera`.
///
/// # Panics
/// When the test fails; when a cluster is required and not there.
pub fn on_galera<F>(name: &str, test: fn(Vec<TestDb>) -> F)
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let Some(urls) = GALERA.url() else { return };
    runtime().block_on(async {
        let urls: Vec<&str> = urls.split(',').map(str::trim).collect();
        let database = unique_schema();
        let mut nodes = vec![TestDb::mysql(urls[0], &database).await.of_mariadb()];
        for url in &urls[1..] {
            nodes.push(TestDb::other_node(url, &database).await.of_mariadb());
        }
        let result = tokio::spawn(finish_owned(name.to_owned(), test(nodes))).await;
        let mut dropped = Ok(());
        for url in urls {
            dropped = TestDb::drop_mysql_database(url, &database).await;
            if dropped.is_ok() {
                break;
            }
        }
        settle(name, result, dropped);
    });
}

async fn finish_and_drop(name: &str, test: Test, db: TestDb, url: &str, database: &str) {
    let result = tokio::spawn(finish_owned(name.to_owned(), test(db))).await;
    let dropped = TestDb::drop_mysql_database(url, database).await;
    settle(name, result, dropped);
}

fn settle(name: &str, result: Result<(), JoinError>, dropped: Outcome) {
    match result {
        Ok(()) => dropped.unwrap_or_else(|failure| panic!("{name} left something behind: {failure:?}")),
        Err(error) => panic::resume_unwind(error.into_panic()),
    }
}

async fn finish_owned(name: String, test: impl Future<Output = Outcome> + Send + 'static) {
    finish(&name, test).await;
}

/// On a worker of the runtime, as in a program, not on the thread of `block_on`.
async fn finish(name: &str, test: impl Future<Output = Outcome> + Send + 'static) {
    let limit = limit();
    match tokio::time::timeout(limit, tokio::spawn(test)).await {
        Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(failure))) => panic!("{failure:?}"),
        Ok(Err(error)) => panic::resume_unwind(error.into_panic()),
        Err(_) => panic!("{name} hangs: not done after {limit:?}"),
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

/// A name that no other run on this server has.
fn unique_schema() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    format!("orm_{}_{now}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
