//! Membership: a column among many values, a composite key among many keys; one text for every length where the dialect can.

use sea_query::{Asterisk, BinOper, Expr, ExprTrait, Func, Query, SelectStatement, ValueTuple};

use crate::{schema::SqlType, value::Value};

use super::{
    carrier::{array, array_operand, bind, compared, json, plain, unnest},
    context::{Dialect, RenderContext},
};

/// `expr` is one of the values, none of which is NULL or (on SQLite) NaN, and of which there is at least one.
pub(super) fn in_values(context: &RenderContext, expr: Expr, sql_type: SqlType, values: &[Value]) -> Expr {
    match context.dialect {
        Dialect::Postgres => {
            if let Some(array) = array(sql_type, values) {
                let any = Func::cust("ANY").arg(array_operand(sql_type, array));
                return expr.binary(BinOper::Equal, any);
            }
        }
        Dialect::Sqlite => {
            if let Some(json) = json(sql_type, values) {
                let alias = context.alias();
                let mut each = Query::select();
                each.column((alias.clone(), "value")).from_function(Func::cust("json_each").arg(json), alias);
                return expr.in_subquery(each);
            }
        }
        Dialect::MySql => {}
    }
    let bound = padded(values.chunks(1)).map(|value| compared(context.dialect, sql_type, value[0].clone()));
    expr.is_in(bound.collect::<Vec<_>>())
}

/// The columns together are one of the keys, given row by row.
pub(super) fn in_keys(context: &RenderContext, columns: Vec<(Expr, SqlType)>, keys: &[Value]) -> Expr {
    let width = columns.len();
    if keys.is_empty() {
        return Expr::cust("FALSE");
    }
    let (mut exprs, types): (Vec<Expr>, Vec<SqlType>) = columns.into_iter().unzip();
    if let ([_], [sql_type]) = (exprs.as_slice(), types.as_slice()) {
        return in_values(context, exprs.remove(0), *sql_type, keys);
    }
    let tuple = Expr::tuple(exprs);
    let rows = padded(keys.chunks(width));
    match context.dialect {
        Dialect::Postgres => match unnested(&types, keys) {
            Some(rows) => tuple.in_subquery(rows),
            None => tuple.is_in(rows.map(|row| casted_row(&types, row)).collect::<Vec<_>>()),
        },
        Dialect::MySql => {
            let rows = rows.map(|row| Expr::tuple(row.iter().map(|value| Expr::Value(plain(value.clone())))));
            tuple.is_in(rows.collect::<Vec<_>>())
        }
        Dialect::Sqlite => {
            let tuples = rows.map(|row| ValueTuple::Many(row.iter().cloned().map(plain).collect()));
            let mut among = Query::select();
            among.column(Asterisk).from_values(tuples.collect::<Vec<_>>(), context.alias());
            tuple.in_subquery(among)
        }
    }
}

/// `SELECT unnest($1::bigint[]), unnest($2::text[])`.
fn unnested(types: &[SqlType], keys: &[Value]) -> Option<SelectStatement> {
    let mut select = Query::select();
    for (values, &sql_type) in columns_of(types.len(), keys).iter().zip(types) {
        select.expr(unnest(sql_type, array(sql_type, values)?));
    }
    Some(select)
}

/// A PostgreSQL row that arrays cannot carry, with the casts that its columns need.
fn casted_row(types: &[SqlType], row: &[Value]) -> Expr {
    let values = row.iter().zip(types);
    Expr::tuple(values.map(|(value, &sql_type)| bind(Dialect::Postgres, sql_type, value.clone())))
}

/// Rows as columns.
pub(super) fn columns_of(width: usize, rows: &[Value]) -> Vec<Vec<Value>> {
    let mut columns: Vec<Vec<Value>> = (0..width).map(|_| Vec::with_capacity(rows.len() / width.max(1))).collect();
    for row in rows.chunks(width.max(1)) {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value.clone());
        }
    }
    columns
}

/// The rows, the last one repeated up to a length that other statements have too: above eight, the next power of two.
fn padded<'v>(rows: std::slice::Chunks<'v, Value>) -> impl Iterator<Item = &'v [Value]> {
    let length = rows.len();
    let target = if length <= 8 { length } else { length.next_power_of_two() };
    let last = rows.clone().next_back();
    rows.chain(std::iter::repeat_n(last, target - length).flatten())
}
