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
//! It runs as `sqlite::a_statement_is_counted` and `postgres::a_statement_is_counted`. PostgreSQL needs `ORM_POSTGRES_URL`; a line
//! on standard error says what is skipped without it, and `ORM_REQUIRE=postgres` makes that a failure.

mod failure;
mod run;
mod statements;
mod test_db;
mod wire;

pub use failure::{Failure, Outcome, refused};
pub use run::{Test, on_postgres, on_sqlite, on_sqlite_file, test};
pub use statements::{StatementAssertions, summary};
pub use test_db::TestDb;
pub use wire::Wire;

/// Makes tests of `async fn(TestDb) -> Outcome`, one for each backend: `each_backend!(first, #[ignore = "why"] second);`
///
/// On SQLite the database is in memory; `sqlite_file: name, ..` makes tests on a file and on PostgreSQL, `only_sqlite: ..`,
/// `only_sqlite_file: ..` and `only_postgres: ..` those of one backend.
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
    ($($tests:tt)*) => {
        $crate::each_backend!(@tests sqlite, on_sqlite: $($tests)*);
        $crate::each_backend!(@tests postgres, on_postgres: $($tests)*);
    };
}
