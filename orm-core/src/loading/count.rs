//! COUNT and EXISTS of a query.

use super::Fetch;
use crate::{
    database::{Cells, Connection, Statement},
    error::{Error, ErrorKind, Result},
    query::sql::{self, Dialect},
    value::Raw,
};

/// How many rows a query has.
pub(crate) fn count_statement(dialect: Dialect, fetch: &Fetch<'_>) -> Result<Statement> {
    let sql = sql::count(dialect, &fetch.bare().select())?;
    Ok(Statement::new(sql.text, sql.values))
}

/// Whether a query has a row.
pub(crate) fn exists_statement(dialect: Dialect, fetch: &Fetch<'_>) -> Result<Statement> {
    let sql = sql::exists(dialect, &fetch.bare().select())?;
    Ok(Statement::new(sql.text, sql.values))
}

/// Runs a statement whose one cell is a number, or a truth value as 0 or 1.
pub(crate) async fn fetch_count(connection: &mut Connection, statement: &Statement) -> Result<u64> {
    let mut count = None;
    let mut each = |cells: &Cells<'_>| -> Result<()> {
        let number = match cells.raw(0) {
            Raw::Postgres { bytes: [truth], .. } => Some(u64::from(*truth)),
            _ => cells.get::<i64>(0).ok().and_then(|number| u64::try_from(number).ok()),
        };
        count = number;
        Ok(())
    };
    connection.fetch(statement, &mut each).await?;
    count.ok_or_else(|| Error::new(ErrorKind::Decode, "the database answered a COUNT with something else"))
}
