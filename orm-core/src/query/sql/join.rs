//! Relationships joined into a SELECT, nested to any depth, each under its own alias with its columns appended.

use std::borrow::Cow;

use sea_query::{Expr, ExprTrait, JoinType, SelectStatement};

use crate::{
    expr::{Nested, Node},
    schema::{RelationDef, RelationKind},
};

use super::{
    context::{RenderContext, Scope},
    filter::filter,
    order::{collection_order, order_by},
    relation::{relation_keys, secondary_of, tied, tied_to_secondary},
    table::TableName,
};

/// A relationship to load with its owner.
#[derive(Clone, Debug)]
pub(crate) struct Join<'q> {
    /// The position in the owner's `relations`.
    pub(crate) relation: usize,
    /// Which columns of the target.
    pub(crate) columns: Cow<'q, [usize]>,
    /// Which targets; in the join's condition, so that an owner without any stays.
    pub(crate) filter: Option<&'q Node>,
    pub(crate) kind: JoinKind,
    /// Relationships of the target.
    pub(crate) joins: Vec<Join<'q>>,
}

/// What becomes of an owner without a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinKind {
    /// It stays: LEFT JOIN, also where a constraint says that there is a target. Should the constraint not hold (rows written
    /// while it was off), the loader finds the target missing, and says so; an INNER JOIN would drop the row in silence.
    Joined,
    /// It goes: INNER JOIN. SQLAlchemy's `contains_eager` over the query's own join.
    ContainsEager,
}

/// Where the cells of a joined relationship are in a row. An owner without a target has NULL in all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placement {
    /// The cell of the first column.
    pub(crate) first_cell: usize,
    /// Which columns, as positions, in the order of the cells.
    pub(crate) columns: Vec<usize>,
    /// The target's own, in the order of [`Join::joins`].
    pub(crate) joins: Vec<Placement>,
}

impl Join<'_> {
    pub(super) fn definition(&self, owner: &Scope) -> &'static RelationDef {
        &owner.def.relations[self.relation]
    }

    /// Whether an owner comes in several rows because of it.
    pub(super) fn multiplies(&self, owner: &'static crate::schema::EntityDef) -> bool {
        let relation = &owner.relations[self.relation];
        relation.kind.is_many() || self.joins.iter().any(|join| join.multiplies((relation.target)()))
    }

    /// Its INNER JOINs as a condition on the owner, for where rows are counted without joining.
    pub(super) fn as_condition(&self) -> Option<Node> {
        if self.kind != JoinKind::ContainsEager {
            return None;
        }
        let nested = self.joins.iter().filter_map(Join::as_condition);
        let filter = Node::All(self.filter.cloned().into_iter().chain(nested).collect());
        Some(Node::Related { relation: self.relation, filter: Nested::new(filter) })
    }
}

/// Adds the joins and their columns. `parent` is how the owner itself came in: under a LEFT JOIN everything is one, lest an
/// owner's absent target take the owner away.
pub(super) fn add_joins(
    context: &RenderContext,
    owner: &Scope,
    joins: &[Join<'_>],
    parent: JoinType,
    next_cell: &mut usize,
    select: &mut SelectStatement,
) -> Vec<(Placement, Vec<CollectionOrder>)> {
    let mut placements = Vec::with_capacity(joins.len());
    for join in joins {
        let relation = join.definition(owner);
        let target = context.scope((relation.target)());
        let kind = join_type(join, parent);
        add_join(context, (owner, &target), relation, join.filter, kind, select);
        let first_cell = *next_cell;
        for &position in join.columns.iter() {
            select.expr(target.column(position));
        }
        *next_cell += join.columns.len();
        let nested = add_joins(context, &target, &join.joins, kind, next_cell, select);
        let mut orders = Vec::new();
        if relation.kind.is_many() {
            orders.push(CollectionOrder { scope: target.clone(), relation });
        }
        let mut placement = Placement { first_cell, columns: join.columns.to_vec(), joins: Vec::new() };
        for (child, child_orders) in nested {
            placement.joins.push(child);
            orders.extend(child_orders);
        }
        placements.push((placement, orders));
    }
    placements
}

/// The order of a joined collection, to be appended to the statement's.
#[derive(Debug)]
pub(super) struct CollectionOrder {
    scope: Scope,
    relation: &'static RelationDef,
}

impl CollectionOrder {
    pub(super) fn append(&self, context: &RenderContext, select: &mut SelectStatement) {
        order_by(context, &self.scope, &collection_order(self.relation), select);
    }
}

fn join_type(join: &Join<'_>, parent: JoinType) -> JoinType {
    match join.kind {
        _ if parent == JoinType::LeftJoin => JoinType::LeftJoin,
        JoinKind::ContainsEager => JoinType::InnerJoin,
        JoinKind::Joined => JoinType::LeftJoin,
    }
}

fn add_join(
    context: &RenderContext,
    (owner, target): (&Scope, &Scope),
    relation: &'static RelationDef,
    node: Option<&Node>,
    kind: JoinType,
    select: &mut SelectStatement,
) {
    let keys = relation_keys(owner.def, relation);
    let filtered = |on: Expr| match node {
        Some(node) => on.and(filter(context, target, node)),
        None => on,
    };
    if relation.kind == RelationKind::ManyToMany {
        let secondary = secondary_of(relation);
        let between = context.alias();
        let table = TableName::of_secondary(owner.def, secondary).table_ref().alias(between.clone());
        let to_owner = tied_to_secondary(context, &between, secondary.owner_columns, (owner, &keys.owner));
        let to_target = tied_to_secondary(context, &between, secondary.target_columns, (target, &keys.target));
        select.join(kind, table, to_owner);
        select.join(kind, target.table(), filtered(to_target));
    } else {
        let on = tied(context, (target, &keys.target), (owner, &keys.owner));
        select.join(kind, target.table(), filtered(on));
    }
}

/// The owner's columns that the joins compare.
pub(super) fn joined_columns(owner: &Scope, joins: &[Join<'_>]) -> impl Iterator<Item = usize> {
    joins.iter().flat_map(|join| relation_keys(owner.def, join.definition(owner)).owner)
}
