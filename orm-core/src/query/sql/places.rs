//! Which rows have which of some keys, told by the place of the key: for keys that only the database can compare.

use sea_query::{Expr, Query, SelectStatement, UnionType};

use crate::{schema::EntityDef, value::Value};

use super::{
    batch::Batch,
    compared::{compared, equals},
    context::{Dialect, collated},
    statement::Build,
    table::TableName,
};

/// How many SELECTs are put together: SQLite takes 500.
const MOST: usize = 200;

/// `SELECT 0, id FROM .. WHERE id = ? UNION ALL SELECT 1, id FROM .. WHERE id = ?`: the place of a key, and the values of its columns as
/// the row spells them. `keys` are given row by row in one list.
pub(crate) fn select_places(
    dialect: Dialect,
    def: &'static EntityDef,
    columns: &[usize],
    keys: &[Value],
) -> Vec<Batch> {
    let width = columns.len().max(1);
    let batch = |(number, keys): (usize, &[Value])| {
        let mut selects =
            keys.chunks(width).enumerate().map(|(at, key)| one(dialect, def, columns, number * MOST + at, key));
        let mut first = selects.next().unwrap_or_default();
        first.unions(selects.map(|select| (UnionType::All, select)));
        Batch { sql: first.sql(dialect), rows: keys.len() / width }
    };
    keys.chunks(MOST * width).enumerate().map(batch).collect()
}

fn one(dialect: Dialect, def: &'static EntityDef, columns: &[usize], place: usize, key: &[Value]) -> SelectStatement {
    let mut select = Query::select();
    select.expr(Expr::cust(place.to_string())).from(TableName::of(def).table_ref());
    for (&position, value) in columns.iter().zip(key) {
        let column = &def.columns[position];
        select.column(column.name);
        let compared_with = compared(dialect, column.sql_type, value.clone());
        let own = collated(dialect, column.sql_type, Expr::col(column.name));
        select.and_where(equals(dialect, column.sql_type, own, compared_with));
    }
    select
}
