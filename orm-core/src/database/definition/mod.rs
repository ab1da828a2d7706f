//! CREATE and DROP of the tables of entities: the texts, and running them in one transaction.
//!
//! The texts are written here and not by sea-query, whose tables know neither IDENTITY nor STRICT types nor collations.

#![cfg_attr(
    not(all(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(unused, reason = "some of it is for the backend that is not in this build")
)]

mod limits;
mod order;
mod spelling;
mod table;
mod types;

pub(super) use self::spelling::Spelling;
use super::{connection::Connection, options::BeginMode, statement::Statement};
use crate::{
    error::Result,
    schema::{EntityDef, SqlType},
};
use order::Plan;

/// The statements of one change of the schema.
#[derive(Debug)]
pub(super) struct Definition {
    statements: Vec<String>,
    foreign_keys: ForeignKeys,
}

/// What the database is to do about foreign keys meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ForeignKeys {
    Checked,
    /// SQLite deletes the rows of a table before it drops it, which a circle of tables that refer to each other would refuse; MySQL
    /// refuses to create or to drop the first table of one.
    Unchecked,
}

/// The statements that create what is missing.
///
/// # Errors
/// When a name is too long for the server.
pub(super) fn create_all(spelling: Spelling, entities: &[&'static EntityDef]) -> Result<Definition> {
    let plan = Plan::new(entities);
    limits::check(spelling, &plan)?;
    let mut statements = Vec::new();
    statements.extend(types::create_enums(spelling, entities));
    for entity in &plan.entities {
        statements.push(table::create(spelling, entity, &plan));
        statements.extend(table::create_indexes(spelling, entity));
    }
    statements.extend(table::late_foreign_keys(spelling, &plan));
    statements.extend(plan.secondaries.iter().map(|secondary| table::create_secondary(spelling, secondary)));
    let foreign_keys = match spelling {
        #[cfg(feature = "mysql")]
        Spelling::MySql { .. } if plan.has_circle() => ForeignKeys::Unchecked,
        _ => ForeignKeys::Checked,
    };
    Ok(Definition { statements, foreign_keys })
}

/// The statements that drop what is there.
pub(super) fn drop_all(spelling: Spelling, entities: &[&'static EntityDef]) -> Definition {
    let plan = Plan::new(entities);
    let mut statements = Vec::new();
    for secondary in plan.secondaries.iter().rev() {
        let table = spelling.qualified(secondary.owner.schema, secondary.definition.table);
        statements.push(format!("DROP TABLE IF EXISTS {table}"));
    }
    statements.extend(table::drop_late_foreign_keys(spelling, &plan));
    for entity in plan.entities.iter().rev() {
        statements.push(format!("DROP TABLE IF EXISTS {}", spelling.qualified(entity.schema, entity.table)));
    }
    statements.extend(types::drop_enums(spelling, entities));
    Definition { statements, foreign_keys: ForeignKeys::Unchecked }
}

/// Runs them: all or nothing, except on MySQL, which commits each.
pub(super) async fn run(connection: &mut Connection, definition: &Definition) -> Result<()> {
    match connection.spelling() {
        #[cfg(feature = "sqlite")]
        Spelling::Sqlite => run_sqlite(connection, definition).await,
        #[cfg(feature = "postgres")]
        Spelling::Postgres => transaction(connection, definition).await,
        #[cfg(feature = "mysql")]
        Spelling::MySql { .. } => run_mysql(connection, definition).await,
    }
}

#[cfg(feature = "sqlite")]
async fn run_sqlite(connection: &mut Connection, definition: &Definition) -> Result<()> {
    if definition.foreign_keys == ForeignKeys::Checked {
        return transaction(connection, definition).await;
    }
    // The setting is the connection's, and has no effect inside a transaction.
    let mut guard = Unchecked { connection, done: false };
    guard.connection.execute(&Statement::text("PRAGMA foreign_keys = OFF")).await?;
    transaction(guard.connection, definition).await?;
    guard.connection.execute(&Statement::text("PRAGMA foreign_keys = ON")).await?;
    guard.done = true;
    Ok(())
}

#[cfg(feature = "mysql")]
async fn run_mysql(connection: &mut Connection, definition: &Definition) -> Result<()> {
    if definition.foreign_keys == ForeignKeys::Checked {
        return statements(connection, definition).await;
    }
    let mut guard = Unchecked { connection, done: false };
    guard.connection.execute(&Statement::text("SET SESSION foreign_key_checks = 0")).await?;
    statements(guard.connection, definition).await?;
    guard.connection.execute(&Statement::text("SET SESSION foreign_key_checks = 1")).await?;
    guard.done = true;
    Ok(())
}

/// Whatever happens meanwhile, also a dropped future, no one else is given a connection that does not check.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
struct Unchecked<'c> {
    connection: &'c mut Connection,
    done: bool,
}

#[cfg(any(feature = "sqlite", feature = "mysql"))]
impl Drop for Unchecked<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.connection.discard();
        }
    }
}

async fn transaction(connection: &mut Connection, definition: &Definition) -> Result<()> {
    connection.begin(BeginMode::Immediate, None).await?;
    let result = statements(connection, definition).await;
    match result {
        Ok(()) => connection.commit().await,
        Err(error) => {
            // The first error is the one to tell.
            let _ = connection.rollback().await;
            Err(error)
        }
    }
}

async fn statements(connection: &mut Connection, definition: &Definition) -> Result<()> {
    #[cfg(feature = "postgres")]
    if matches!(connection.spelling(), Spelling::Postgres) {
        // IF NOT EXISTS is no protection against another process that creates the same at the same moment.
        connection.fetch(&Statement::text("SELECT pg_advisory_xact_lock(7242033)"), &mut |_| Ok(())).await?;
    }
    for statement in &definition.statements {
        connection.execute(&Statement::text(statement.clone())).await?;
    }
    Ok(())
}

/// A text as an SQL literal.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The enum types that columns of these entities have, each once.
fn enums(entities: &[&'static EntityDef]) -> Vec<&'static crate::schema::EnumDef> {
    let mut found: Vec<&'static crate::schema::EnumDef> = Vec::new();
    for column in entities.iter().flat_map(|entity| entity.columns) {
        if let SqlType::Enum(definition) = column.sql_type
            && !found.iter().any(|known| known.name == definition.name)
        {
            found.push(definition);
        }
    }
    found
}
