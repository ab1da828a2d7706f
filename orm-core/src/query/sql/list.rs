//! Membership: a column among many values, a composite key among many keys; one text for every length where the dialect can.

use sea_query::{Asterisk, BinOper, Expr, ExprTrait, Func, Query, SelectStatement, UnionType, ValueTuple};

use crate::{schema::SqlType, value::Value};

use super::{
    carrier::{array, array_operand, bind, json, plain, unnest},
    compared::{compared, in_upper_case},
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
                let each = |value: fn(Expr) -> Expr| {
                    let alias = context.alias();
                    let mut each = Query::select();
                    each.expr(value(Expr::col((alias.clone(), "value"))));
                    each.from_function(Func::cust("json_each").arg(json.clone()), alias);
                    each
                };
                let mut among = each(|value| value);
                if sql_type == SqlType::Uuid {
                    among.union(UnionType::All, each(|value| Func::upper(value).into()));
                }
                return expr.in_subquery(among);
            }
        }
        Dialect::MySql => {}
    }
    let bound =
        padded(context.dialect, values.chunks(1)).map(|value| compared(context.dialect, sql_type, value[0].clone()));
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
    let rows = padded(context.dialect, keys.chunks(width));
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
            let mut tuples = Vec::new();
            for row in rows {
                tuples.push(ValueTuple::Many(row.iter().cloned().map(plain).collect()));
                if types.contains(&SqlType::Uuid) {
                    let either = row.iter().map(|value| in_upper_case(value).unwrap_or_else(|| plain(value.clone())));
                    tuples.push(ValueTuple::Many(either.collect()));
                }
            }
            let mut among = Query::select();
            among.column(Asterisk).from_values(tuples, context.alias());
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

/// The rows, the last one repeated up to a length that other statements have too: above eight, the next power of two, if the dialect can
/// bind as many values.
fn padded(dialect: Dialect, rows: std::slice::Chunks<'_, Value>) -> impl Iterator<Item = &[Value]> {
    let length = rows.len();
    let last = rows.clone().next_back();
    let most = dialect.bind_limit() / last.map_or(1, <[Value]>::len).max(1);
    let next = length.next_power_of_two();
    let target = if length <= 8 || next > most { length } else { next };
    rows.chain(std::iter::repeat_n(last, target - length).flatten())
}
