//! How many rows a query has, and whether it has any; how many pairs are there.

use std::convert::Infallible;

use sea_query::{Asterisk, Expr, Func, Query, SelectStatement};

use crate::{
    error::Result,
    schema::{EntityDef, RelationDef},
    value::Value,
};

use super::{
    batch::{Batch, by_keys},
    context::{Dialect, RenderContext},
    delete::columns,
    filter::filter,
    insert::secondary_columns,
    join::Join,
    list::in_keys,
    select::{Select, limit},
    statement::{Build, Sql},
};

/// `SELECT COUNT(*)` of the objects that the query finds: within its limit, whatever it joins.
pub(crate) fn count(dialect: Dialect, query: &Select<'_>) -> Result<Sql> {
    let context = RenderContext::new(dialect);
    let all = Func::count(Expr::col(Asterisk));
    if !query.is_limited() && !query.distinct {
        let mut rows = rows(&context, query);
        rows.expr(all);
        return context.finish(query.def, &rows);
    }
    let mut limited = rows(&context, query);
    let scope = super::context::Scope { def: query.def, alias: "t0".into() };
    if query.distinct {
        limited.distinct().exprs(query.columns.iter().map(|&position| scope.column(position)));
    } else {
        limited.expr(Expr::cust("1"));
    }
    limit(&context, query, &mut limited);
    let mut count = Query::select();
    count.expr(all).from_subquery(limited, context.alias());
    context.finish(query.def, &count)
}

/// `SELECT EXISTS (..)`: one cell, true where the query finds an object.
pub(crate) fn exists(dialect: Dialect, query: &Select<'_>) -> Result<Sql> {
    let context = RenderContext::new(dialect);
    let mut found = rows(&context, query);
    found.expr(Expr::cust("1"));
    limit(&context, query, &mut found);
    let mut exists = Query::select();
    exists.expr(Expr::exists(found));
    context.finish(query.def, &exists)
}

/// The objects without columns or order; a relationship that must be there is a condition.
fn rows(context: &RenderContext, query: &Select<'_>) -> SelectStatement {
    let root = context.scope(query.def);
    let mut rows = Query::select();
    rows.from(root.table());
    for node in &query.filters {
        rows.and_where(filter(context, &root, node));
    }
    for condition in query.joins.iter().filter_map(Join::as_condition) {
        rows.and_where(filter(context, &root, &condition));
    }
    rows
}

/// How many of these pairs of a secondary table are there: the owner's key, then the target's, row by row in one list.
pub(crate) fn count_pairs(
    dialect: Dialect,
    owner: &'static EntityDef,
    relation: &'static RelationDef,
    keys: &[Value],
) -> Vec<Batch> {
    let (table, key) = secondary_columns(owner, relation);
    let Ok(batches) = by_keys(dialect, key.len(), keys, |keys| {
        let context = RenderContext::new(dialect);
        let mut pairs = Query::select();
        pairs.expr(Func::count(Expr::col(Asterisk))).from(table.table_ref());
        pairs.and_where(in_keys(&context, columns(dialect, &key), keys));
        Ok::<_, Infallible>(pairs.sql(dialect))
    });
    batches
}
