//! A statement on its way: its rows as they arrive, and what it did.

use futures_util::TryStreamExt as _;
use sqlx::{
    Column as _, Connection as _, Either, Executor as _, PgConnection, Row as _, SqlStr,
    postgres::{PgArguments, PgColumn, PgTypeInfo, PgTypeKind},
};

use crate::{
    database::{cells::Cells, recurring::Keep},
    error::{Error, Result},
};

/// What a statement did.
#[derive(Default)]
pub(super) struct Done {
    pub(super) rows: u64,
    pub(super) affected: u64,
    /// The caller refused a row: the rest is read and dropped, so that the connection is in order.
    pub(super) failed: Option<Error>,
}

pub(super) async fn stream(
    connection: &mut PgConnection,
    sql: SqlStr,
    keep: Keep,
    arguments: PgArguments,
    each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    done: &mut Done,
) -> sqlx::Result<()> {
    if keep == Keep::Alone {
        connection.clear_cached_statements().await?;
    }
    let mut oids: Vec<u32> = Vec::new();
    let mut answers = connection.fetch_many(sqlx::query_with(sql, arguments).persistent(keep != Keep::No));
    while let Some(answer) = answers.try_next().await? {
        match answer {
            Either::Left(result) => done.affected += result.rows_affected(),
            Either::Right(row) => {
                if done.rows == 0 {
                    oids = row.columns().iter().map(column_oid).collect();
                }
                done.rows += 1;
                if done.failed.is_none() {
                    done.failed = each(&Cells::postgres(&row, &oids)).err();
                }
            }
        }
    }
    Ok(())
}

/// The type that the bytes of a column are in: of the base type for a domain.
fn column_oid(column: &PgColumn) -> u32 {
    fn base(info: &PgTypeInfo) -> u32 {
        match info.kind() {
            PgTypeKind::Domain(inner) => base(inner),
            _ => info.oid().map_or(0, |oid| oid.0),
        }
    }
    base(column.type_info())
}
