//! The statements of queries that can be written: what these tests render.

use crate::{
    query::sql::{self, Dialect, Keyed, Layout, Select, Sql},
    schema::{EntityDef, RelationDef},
    value::Value,
};

pub(super) fn select(dialect: Dialect, query: &Select<'_>) -> (Sql, Layout) {
    sql::select(dialect, query).expect("a query that can be written")
}

pub(super) fn count(dialect: Dialect, query: &Select<'_>) -> Sql {
    sql::count(dialect, query).expect("a query that can be written")
}

pub(super) fn exists(dialect: Dialect, query: &Select<'_>) -> Sql {
    sql::exists(dialect, query).expect("a query that can be written")
}

pub(super) fn select_by_key(dialect: Dialect, query: &Select<'_>, key: &[usize], keys: &[Value]) -> Keyed {
    sql::select_by_key(dialect, query, key, keys).expect("a query that can be written")
}

pub(super) fn select_related(
    dialect: Dialect,
    owner: &'static EntityDef,
    relation: &'static RelationDef,
    query: &Select<'_>,
    keys: &[Value],
) -> Keyed {
    sql::select_related(dialect, owner, relation, query, keys).expect("a query that can be written")
}
