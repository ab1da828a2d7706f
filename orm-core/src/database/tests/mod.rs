//! Databases as the session layer uses them.

mod definition;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod values;

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::error::{Error, ErrorKind};

/// A name that no other test of any process uses.
fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{name}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Every row, decoded.
async fn rows<T: Send>(
    connection: &mut Connection,
    statement: Statement,
    mut decode: impl FnMut(&Cells<'_>) -> T + Send,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    connection
        .fetch(&statement, &mut |cells| {
            found.push(decode(cells));
            Ok(())
        })
        .await?;
    Ok(found)
}

/// The first column of every row.
async fn integers(connection: &mut Connection, sql: &str) -> Result<Vec<i64>> {
    rows(connection, Statement::text(sql.to_owned()), |cells| cells.get(0).expect("an integer")).await
}

async fn run(connection: &mut Connection, sql: &str) -> Result<u64> {
    connection.execute(&Statement::text(sql.to_owned())).await
}

/// The message and those of all its sources: what a log would show.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(&format!("\n{error}"));
        source = error.source();
    }
    text
}

/// A session is held across awaits in tasks of a multi-thread runtime.
#[test]
fn all_of_it_can_change_threads() {
    fn send<T: Send>(_: &T) {}
    fn send_sync<T: Send + Sync>() {}
    send_sync::<Database>();
    send_sync::<DatabaseOptions>();
    send_sync::<StatementLog>();
    async fn everything(db: Database) -> Result<()> {
        let mut connection = db.acquire().await?;
        connection.begin(BeginMode::Deferred, None).await?;
        connection.fetch(&Statement::text("SELECT 1"), &mut |_| Ok(())).await?;
        connection.execute(&Statement::text("SELECT 1")).await?;
        connection.savepoint("s").await?;
        connection.rollback_to("s").await?;
        connection.release("s").await?;
        connection.rollback().await?;
        connection.commit().await
    }
    let _ = |db: Database| send(&everything(db));
}

#[test]
fn the_kind_of_a_statement() {
    for (sql, kind) in [
        ("  select 1", StatementKind::Select),
        ("WITH x AS (SELECT 1) SELECT * FROM x", StatementKind::Select),
        ("INSERT INTO t VALUES (1)", StatementKind::Insert),
        ("ROLLBACK", StatementKind::Rollback),
        ("ROLLBACK TO SAVEPOINT \"s\"", StatementKind::RollbackTo),
        ("rollback transaction to s", StatementKind::RollbackTo),
        ("BEGIN IMMEDIATE", StatementKind::Begin),
        ("START TRANSACTION", StatementKind::Begin),
        ("PRAGMA foreign_keys", StatementKind::Other),
        ("", StatementKind::Other),
    ] {
        assert_eq!(StatementKind::of(sql), kind, "{sql}");
    }
}
