//! Flushes: planned without a database, and sent to SQLite (and to PostgreSQL where `ORM_POSTGRES_URL` names one).

mod cascades;
mod consistency;
mod entities;
mod graph;
mod inserts;
mod meanwhile;
mod options;
mod plans;
mod updates;

use std::sync::atomic::{AtomicU32, Ordering};

use crate::{
    database::{Connection, Database, Statement, StatementLog},
    error::Error,
    schema::EntityDef,
    session::Session,
    value::Value,
};

type Outcome = Result<(), Error>;

/// Databases to run a test on, each empty but for the tables of these entities.
async fn databases(entities: &[&'static EntityDef]) -> Vec<Database> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mut databases = vec![Database::connect("sqlite::memory:").await.expect("SQLite")];
    if let Ok(url) = std::env::var("ORM_POSTGRES_URL") {
        let plain = Database::connect(&url).await.expect("PostgreSQL");
        let schema = format!("flush_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        plain.execute(format!("CREATE SCHEMA {schema}"), Vec::new()).await.expect("a schema");
        let separator = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{separator}options=-c%20search_path%3D{schema}");
        databases.push(Database::connect(url).await.expect("PostgreSQL"));
    }
    for database in &databases {
        database.create_all(entities).await.expect("tables");
    }
    databases
}

/// What a query of one column of integers gives.
async fn integers(connection: &mut Connection, sql: &str) -> Result<Vec<Option<i64>>, Error> {
    let mut found = Vec::new();
    let each = &mut |cells: &crate::database::Cells<'_>| {
        found.push(cells.get(0).expect("an integer"));
        Ok(())
    };
    connection.fetch(&Statement::new(sql.to_owned(), Vec::<Value>::new()), each).await?;
    Ok(found)
}

/// The statements since the last look, without those that frame the transaction.
fn sent(log: &StatementLog) -> Vec<String> {
    let statements = log.take().into_iter().filter(|statement| !statement.kind.is_transaction_frame());
    statements.map(|statement| statement.sql).collect()
}

/// The first two words of each statement: `INSERT INTO "users"`.
fn verbs(log: &StatementLog) -> Vec<String> {
    let short = |sql: String| {
        let table = sql.split('"').nth(1).unwrap_or_default().to_owned();
        format!("{} {table}", sql.split(' ').next().unwrap_or_default())
    };
    sent(log).into_iter().map(short).collect()
}

async fn committed(mut session: Session) -> Outcome {
    session.commit().await
}
