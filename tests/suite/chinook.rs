//! Chinook, a music shop of eleven tables that others made: read, compared row for row with plain SQL, edited, read back.
//!
//! The same tests run on the SQLite file and on MySQL, whose names are in PascalCase, and on PostgreSQL, whose names are in snake_case:
//! `entities!` makes one set of entities for each, and each of `sqlite`, `postgres` and `mysql` takes in the files of tests.
//!
//! The data are not in this repository (<https://github.com/lerocha/chinook-database>): they are read from
//! `../shared/data/chinook`, or from where `CHINOOK_DATA` says, and a line says that the tests are skipped where they
//! are missing (`ORM_REQUIRE=chinook` makes that a failure).

mod data;
#[macro_use]
mod entities;
mod mysql;
mod plain;
mod postgres;
mod sqlite;

/// Makes tests of `async fn(Chinook) -> Outcome`, as `each_backend!` does of those that need no data: each file of tests is
/// compiled once for each backend.
macro_rules! tests {
    ($($test:ident),* $(,)?) => {
        mod tests {
            $(
                #[test]
                fn $test() {
                    super::super::run(concat!(module_path!(), "::", stringify!($test)), super::$test);
                }
            )*
        }
    };
}
use tests;
