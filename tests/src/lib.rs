//! The harness of the suite: a fresh database for each test, on every backend, and assertions on what was sent to it.
//!
//! A test is an `async fn(TestDb) -> Outcome`, listed once:
//!
//! ```
//! use orm_tests::{Outcome, TestDb, each_backend};
//!
//! each_backend!(a_statement_is_counted);
//!
//! async fn a_statement_is_counted(db: TestDb) -> Outcome {
//!     let log = db.statement_log();
//!     db.execute("DELETE FROM users", vec![]).await?;
//!     log.assert(&["DELETE users"]);
//!     Ok(())
//! }
//! # use orm_tests::StatementAssertions;
//! ```
//!
//! It runs as `sqlite::a_statement_is_counted`, `postgres::..`, `mysql::..` and `mariadb::..`. The servers need their URLs:
//! `ORM_POSTGRES_URL`, `ORM_MYSQL_URL`, `ORM_MARIADB_URL`; a line on standard error says what is skipped without one, and
//! `ORM_REQUIRE=postgres,mysql,mariadb` makes that a failure.

mod cable;
mod disguise;
mod failure;
mod fake;
mod prepared_limit;
mod run;
mod statements;
mod test_db;
mod wire;

pub use cable::{Cable, Cut};
pub use disguise::disguised;
pub use failure::{Failure, Outcome, refused};
pub use fake::FakeServer;
pub use prepared_limit::PreparedLimit;
pub use run::{Test, on_galera, on_mariadb, on_mysql, on_pgbouncer, on_postgres, on_sqlite, on_sqlite_file, test};
pub use statements::{StatementAssertions, summary};
pub use test_db::TestDb;
pub use wire::Wire;

/// Makes tests of `async fn(TestDb) -> Outcome`, one for each backend: `each_backend!(first, #[ignore = "why"] second);`
///
/// On SQLite the database is in memory; `sqlite_file: name, ..` makes tests on a file and on the servers, `only_sqlite: ..`,
/// `only_sqlite_file: ..`, `only_postgres: ..` and `only_mysql: ..` (MySQL and MariaDB) those of one backend, `only_pgbouncer: ..` those of
/// PostgreSQL behind PgBouncer; `not_mysql("why"): ..` leaves MySQL and MariaDB out, and says so by an ignored test.
#[macro_export]
macro_rules! each_backend {
    (@tests $module:ident, $runner:ident: $($(#[$attribute:meta])* $test:ident),* $(,)?) => {
        mod $module {
            $(
                $(#[$attribute])*
                #[test]
                fn $test() {
                    $crate::$runner(concat!(module_path!(), "::", stringify!($test)), $crate::test(super::$test));
                }
            )*
        }
    };
    (sqlite_file: $($tests:tt)*) => {
        $crate::each_backend!(@tests sqlite_file, on_sqlite_file: $($tests)*);
        $crate::each_backend!(@tests postgres_beside_file, on_postgres: $($tests)*);
        $crate::each_backend!(@tests mysql_beside_file, on_mysql: $($tests)*);
        $crate::each_backend!(@tests mariadb_beside_file, on_mariadb: $($tests)*);
    };
    (only_sqlite: $($tests:tt)*) => {
        $crate::each_backend!(@tests only_sqlite, on_sqlite: $($tests)*);
    };
    (only_sqlite_file: $($tests:tt)*) => {
        $crate::each_backend!(@tests only_sqlite_file, on_sqlite_file: $($tests)*);
    };
    (only_postgres: $($tests:tt)*) => {
        $crate::each_backend!(@tests only_postgres, on_postgres: $($tests)*);
    };
    (only_mysql: $($tests:tt)*) => {
        $crate::each_backend!(@tests only_mysql, on_mysql: $($tests)*);
        $crate::each_backend!(@tests only_mariadb, on_mariadb: $($tests)*);
    };
    (only_pgbouncer: $($tests:tt)*) => {
        $crate::each_backend!(@tests only_pgbouncer, on_pgbouncer: $($tests)*);
    };
    (not_mysql($why:literal): $($test:ident),* $(,)?) => {
        $crate::each_backend!(@tests sqlite_not_mysql, on_sqlite: $($test),*);
        $crate::each_backend!(@tests postgres_not_mysql, on_postgres: $($test),*);
        $crate::each_backend!(@tests not_mysql, on_mysql: $(#[ignore = $why] $test),*);
        $crate::each_backend!(@tests not_mariadb, on_mariadb: $(#[ignore = $why] $test),*);
    };
    ($($tests:tt)*) => {
        $crate::each_backend!(@tests sqlite, on_sqlite: $($tests)*);
        $crate::each_backend!(@tests postgres, on_postgres: $($tests)*);
        $crate::each_backend!(@tests mysql, on_mysql: $($tests)*);
        $crate::each_backend!(@tests mariadb, on_mariadb: $($tests)*);
    };
}
