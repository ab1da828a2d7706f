//! The data: where they are, and a fresh copy of them for each test.

use std::{io::Write as _, path::PathBuf, sync::Once};

use orm_core::prelude::*;
use orm_tests::{Outcome, TestDb, on_mariadb, on_mysql, on_postgres, on_sqlite_file, summary};
use sqlx::{Connection as _, MySqlConnection, PgConnection};

use super::plain::{self, Row};

const SQLITE_FILE: &str = "Chinook_Sqlite_AutoIncrementPKs.sqlite";
const MYSQL_SCRIPT: &str = "Chinook_MySql_AutoIncrementPKs.sql";
const POSTGRES_SCRIPT: &str = "Chinook_PostgreSql_SerialPKs.sql";

/// A copy of Chinook: the database as programs use it, and plain SQL beside it.
pub(super) struct Chinook {
    pub(super) db: Database,
    beside: Beside,
    /// Removed with the test.
    _fresh: TestDb,
}

enum Beside {
    Sqlite(PathBuf),
    Postgres(String),
    Mysql(String),
}

/// Runs a test on a copy of the SQLite file.
pub(super) fn run_on_sqlite<F>(name: &'static str, test: impl FnOnce(Chinook) -> F + Send + 'static)
where
    F: Future<Output = Outcome> + Send,
{
    let Some(source) = find(SQLITE_FILE) else { return };
    let run = |fresh: TestDb| async move {
        let directory = tempfile::tempdir()?;
        let copy = directory.path().join("chinook.sqlite");
        // Read and written, for a copy would be as read-only as the source may be.
        std::fs::write(&copy, std::fs::read(source)?)?;
        let db = Database::connect(format!("sqlite://{}", copy.display())).await?;
        test(Chinook { db, beside: Beside::Sqlite(copy), _fresh: fresh }).await
    };
    on_sqlite_file(name, Box::new(|fresh| Box::pin(run(fresh))));
}

/// Runs a test on a schema in which the PostgreSQL script was run.
pub(super) fn run_on_postgres<F>(name: &'static str, test: impl FnOnce(Chinook) -> F + Send + 'static)
where
    F: Future<Output = Outcome> + Send,
{
    let Some(source) = find(POSTGRES_SCRIPT) else { return };
    let run = |fresh: TestDb| async move {
        let script = without_database(&std::fs::read_to_string(source)?);
        let mut connection = PgConnection::connect(fresh.url()).await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&mut connection).await?;
        connection.close().await?;
        test(Chinook { db: Database::clone(&fresh), beside: Beside::Postgres(fresh.url().to_owned()), _fresh: fresh })
            .await
    };
    on_postgres(name, Box::new(|fresh| Box::pin(run(fresh))));
}

/// Runs a test on MySQL and then on MariaDB, on databases in which the MySQL script was run; text compares there as on the others.
pub(super) fn run_on_mysql<F>(name: &'static str, test: impl FnOnce(Chinook) -> F + Copy + Send + 'static)
where
    F: Future<Output = Outcome> + Send,
{
    let Some(source) = find(MYSQL_SCRIPT) else { return };
    let run = move |fresh: TestDb| {
        let source = source.clone();
        async move {
            // NVARCHAR would have a character set, and so a collation, of its own.
            let script = without_database(&std::fs::read_to_string(source)?).replace("NVARCHAR", "VARCHAR");
            let mut connection = MySqlConnection::connect(fresh.url()).await?;
            let script = format!("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\n{script}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&mut connection).await?;
            connection.close().await?;
            test(Chinook { db: Database::clone(&fresh), beside: Beside::Mysql(fresh.url().to_owned()), _fresh: fresh })
                .await
        }
    };
    let on_mariadb_too = run.clone();
    on_mysql(name, Box::new(move |fresh| Box::pin(run(fresh))));
    on_mariadb(name, Box::new(move |fresh| Box::pin(on_mariadb_too(fresh))));
}

impl Chinook {
    /// Rows of plain SQL, which sees what is committed. Names are quoted and in PascalCase: `SELECT "Name" FROM "Track"`.
    pub(super) async fn plain(&self, sql: &str) -> Outcome<Vec<Row>> {
        match &self.beside {
            Beside::Sqlite(path) => Ok(plain::sqlite(&rusqlite::Connection::open(path)?, sql)?),
            Beside::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await?;
                let rows = plain::postgres(&mut connection, sql).await?;
                connection.close().await?;
                Ok(rows)
            }
            Beside::Mysql(url) => {
                let mut connection = MySqlConnection::connect(url).await?;
                let rows = plain::mysql(&mut connection, sql).await?;
                connection.close().await?;
                Ok(rows)
            }
        }
    }

    /// These statements were sent since the last assertion, in this order, and no others; tables in PascalCase.
    #[track_caller]
    pub(super) fn assert_sent(&self, log: &StatementLog, expected: &[&str]) {
        let sent = log.take();
        let sent: Vec<_> = sent.iter().filter(|sent| !sent.kind.is_transaction_frame()).collect();
        let summaries: Vec<String> = sent.iter().map(|sent| summary(&sent.sql)).collect();
        let expected: Vec<String> = expected.iter().map(|summary| self.spelled(summary)).collect();
        assert_eq!(summaries, expected, "{:#?}", sent.iter().map(|sent| &sent.sql).collect::<Vec<_>>());
    }

    /// A table as it is called here, quoted.
    pub(super) fn table(&self, name: &str) -> String {
        let quote = if matches!(self.beside, Beside::Mysql(_)) { '`' } else { '"' };
        format!("{quote}{}{quote}", self.spelled(name))
    }

    /// The summary of a statement with the tables as they are called here: `SELECT InvoiceLine`, `SELECT invoice_line`.
    fn spelled(&self, summary: &str) -> String {
        match self.beside {
            Beside::Sqlite(_) | Beside::Mysql(_) => summary.to_owned(),
            Beside::Postgres(_) => summary.split(' ').map(table_in_snake_case).collect::<Vec<_>>().join(" "),
        }
    }
}

/// `invoice_line` for `InvoiceLine`; a keyword stays.
fn table_in_snake_case(word: &str) -> String {
    if word.chars().all(|letter| letter.is_ascii_uppercase()) {
        return word.to_owned();
    }
    plain::snake_case(&format!("\"{word}\"")).replace('"', "")
}

/// The file where it is, or a line that says what is skipped. Past libtest's capture, so that it is seen.
fn find(file: &str) -> Option<PathBuf> {
    static SAID: Once = Once::new();
    let directory = std::env::var_os("CHINOOK_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/chinook")),
        PathBuf::from,
    );
    let path = directory.join(file);
    if path.is_file() {
        return Some(path);
    }
    let required =
        std::env::var("ORM_REQUIRE").is_ok_and(|names| names.split(',').any(|name| name.trim() == "chinook"));
    assert!(!required, "ORM_REQUIRE lists chinook, and there is no {}", path.display());
    SAID.call_once(|| {
        writeln!(std::io::stderr(), "skipped: the tests on Chinook, because there is no {}", path.display()).ok();
    });
    None
}

/// The script without what makes a database and goes there.
fn without_database(script: &str) -> String {
    let elsewhere =
        |line: &&str| !["DROP DATABASE", "CREATE DATABASE", "\\c ", "USE "].iter().any(|word| line.starts_with(word));
    script.trim_start_matches('\u{feff}').lines().filter(elsewhere).collect::<Vec<_>>().join("\n")
}
