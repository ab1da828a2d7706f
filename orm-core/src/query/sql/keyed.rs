//! SELECTs by many keys: what loaders send for a relationship of many owners, or for attributes of many objects.

use sea_query::{Expr, JoinType, SelectStatement};

use crate::{
    error::Result,
    schema::{EntityDef, RelationDef, RelationKind},
    value::Value,
};

use super::{
    batch::{Batch, by_keys},
    context::{Dialect, RenderContext, Scope, collated},
    list::in_keys,
    order::collection_order,
    relation::{relation_keys, secondary_of, tied, tied_to_secondary},
    select::{KeyExpr, Layout, Select, statement},
    table::TableName,
};

/// The statements that together cover all keys, and where the cells of their rows belong.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    pub(crate) batches: Vec<Batch>,
    pub(crate) layout: Layout,
}

/// By which keys a SELECT is restricted.
pub(super) enum Restriction<'k> {
    /// None.
    None,
    /// By columns of the entity.
    Columns { columns: &'k [usize], keys: &'k [Value] },
    /// By the owner's columns of the secondary table.
    Secondary { owner: &'static EntityDef, relation: &'static RelationDef, keys: &'k [Value] },
    /// By the primary key of the owner, whose row is joined: the database compares the two sides of the relationship.
    Owner { owner: &'static EntityDef, relation: &'static RelationDef, keys: &'k [Value] },
}

/// The restriction in the statement.
pub(super) struct Restricted {
    pub(super) key: Vec<KeyExpr>,
}

impl Restriction<'_> {
    pub(super) fn apply(&self, context: &RenderContext, root: &Scope, select: &mut SelectStatement) -> Restricted {
        match *self {
            Self::None => Restricted { key: Vec::new() },
            Self::Columns { columns, keys } => {
                let key = |&position: &usize| KeyExpr { expr: root.column(position), position: Some(position) };
                let compared = columns
                    .iter()
                    .map(|&position| (root.comparable(context, position), root.definition(position).sql_type));
                select.and_where(in_keys(context, compared.collect(), keys));
                Restricted { key: columns.iter().map(key).collect() }
            }
            Self::Secondary { owner, relation, keys } => {
                let secondary = secondary_of(relation);
                let sides = relation_keys(owner, relation);
                let between = context.alias();
                let table = TableName::of_secondary(owner, secondary).table_ref().alias(between.clone());
                let on = tied_to_secondary(context, &between, secondary.target_columns, (root, &sides.target));
                select.join(JoinType::InnerJoin, table, on);
                let column = |name: &&'static str| Expr::col((between.clone(), *name));
                let columns = secondary.owner_columns.iter().zip(&sides.owner).map(|(name, &position)| {
                    let sql_type = owner.columns[position].sql_type;
                    (collated(context.dialect, sql_type, column(name)), sql_type)
                });
                select.and_where(in_keys(context, columns.collect(), keys));
                let key = |name| KeyExpr { expr: column(name), position: None };
                Restricted { key: secondary.owner_columns.iter().map(key).collect() }
            }
            Self::Owner { owner, relation, keys } => {
                let joined = join_owner(context, root, owner, relation, select);
                let compared = owner
                    .primary_key
                    .iter()
                    .map(|&position| (joined.comparable(context, position), joined.definition(position).sql_type));
                select.and_where(in_keys(context, compared.collect(), keys));
                let key = |&position: &usize| KeyExpr { expr: joined.column(position), position: None };
                Restricted { key: owner.primary_key.iter().map(key).collect() }
            }
        }
    }
}

/// Joins the owners of a relationship to its targets, as a joined hint joins the targets to their owners.
fn join_owner(
    context: &RenderContext,
    root: &Scope,
    owner: &'static EntityDef,
    relation: &'static RelationDef,
    select: &mut SelectStatement,
) -> Scope {
    let sides = relation_keys(owner, relation);
    let joined = context.scope(owner);
    let on = if relation.kind == RelationKind::ManyToMany {
        let secondary = secondary_of(relation);
        let between = context.alias();
        let table = TableName::of_secondary(owner, secondary).table_ref().alias(between.clone());
        let on = tied_to_secondary(context, &between, secondary.target_columns, (root, &sides.target));
        select.join(JoinType::InnerJoin, table, on);
        tied_to_secondary(context, &between, secondary.owner_columns, (&joined, &sides.owner))
    } else {
        tied(context, (root, &sides.target), (&joined, &sides.owner))
    };
    select.join(JoinType::InnerJoin, joined.table(), on);
    joined
}

/// The objects whose columns `key` hold one of the keys, which are given row by row in one list, none of them NULL.
pub(crate) fn select_by_key(dialect: Dialect, query: &Select<'_>, key: &[usize], keys: &[Value]) -> Result<Keyed> {
    restricted(dialect, query, key.len(), keys, |keys| Restriction::Columns { columns: key, keys })
}

/// The targets of a relationship of many owners. `keys` are the owners' sides of it ([`relation_keys`]), distinct, row by
/// row in one list; `query` is about the target. A collection without an order comes in its own
/// ([`collection_order`]); a limit is for each owner.
pub(crate) fn select_related(
    dialect: Dialect,
    owner: &'static EntityDef,
    relation: &'static RelationDef,
    query: &Select<'_>,
    keys: &[Value],
) -> Result<Keyed> {
    if query.order.is_empty() && relation.kind.is_many() {
        let ordered = Select { order: collection_order(relation).into(), ..query.clone() };
        return select_related_as_is(dialect, owner, relation, &ordered, keys);
    }
    select_related_as_is(dialect, owner, relation, query, keys)
}

/// The same for keys that only the database can compare: `owners` are the owners' primary keys, which come back with the rows.
pub(crate) fn select_related_of(
    dialect: Dialect,
    owner: &'static EntityDef,
    relation: &'static RelationDef,
    query: &Select<'_>,
    owners: &[Value],
) -> Result<Keyed> {
    let mut query = query.clone();
    if query.order.is_empty() && relation.kind.is_many() {
        query.order = collection_order(relation).into();
    }
    let restriction = |keys| Restriction::Owner { owner, relation, keys };
    restricted(dialect, &query, owner.primary_key.len(), owners, restriction)
}

/// As [`select_related`], in the order of the query and no other.
pub(crate) fn select_related_as_is(
    dialect: Dialect,
    owner: &'static EntityDef,
    relation: &'static RelationDef,
    query: &Select<'_>,
    keys: &[Value],
) -> Result<Keyed> {
    let sides = relation_keys(owner, relation);
    if relation.kind == RelationKind::ManyToMany {
        let restriction = |keys| Restriction::Secondary { owner, relation, keys };
        return restricted(dialect, query, sides.owner.len(), keys, restriction);
    }
    select_by_key(dialect, query, &sides.target, keys)
}

fn restricted<'k>(
    dialect: Dialect,
    query: &Select<'_>,
    width: usize,
    keys: &'k [Value],
    restriction: impl Fn(&'k [Value]) -> Restriction<'k>,
) -> Result<Keyed> {
    let layout = statement(&RenderContext::new(dialect), query, &restriction(&[])).1;
    let render = |keys: &'k [Value]| {
        let context = RenderContext::new(dialect);
        let (select, _) = statement(&context, query, &restriction(keys));
        context.finish(query.def, &select).map(|sql| sql.locking(dialect, query.lock))
    };
    Ok(Keyed { batches: by_keys(dialect, width, keys, render)?, layout })
}
