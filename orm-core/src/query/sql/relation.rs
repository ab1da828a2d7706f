//! Relationships: which columns tie the two sides, and the EXISTS of `any` and `has`.

use sea_query::{DynIden, Expr, ExprTrait, JoinType, Query};

use crate::{
    expr::Node,
    schema::{EntityDef, RelationDef, RelationKind, SecondaryDef},
};

use super::{
    context::{RenderContext, Scope},
    filter::{all, filter},
    table::TableName,
};

/// The columns that a relationship compares, as positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RelationKeys {
    /// Of the owner: the foreign key of a `BelongsTo`, what is referred to otherwise.
    pub(crate) owner: Vec<usize>,
    /// Of the target, in the same order. For a `ManyToMany` the two sides do not compare with each other but with the
    /// secondary table's columns.
    pub(crate) target: Vec<usize>,
}

/// The columns that tie the owner and the target.
pub(crate) fn relation_keys(owner: &'static EntityDef, relation: &'static RelationDef) -> RelationKeys {
    let target = (relation.target)();
    match relation.kind {
        RelationKind::BelongsTo => RelationKeys {
            owner: positions(owner, relation.foreign_key),
            target: referred(target, relation.references),
        },
        RelationKind::HasOne | RelationKind::HasMany => RelationKeys {
            owner: referred(owner, relation.references),
            target: positions(target, relation.foreign_key),
        },
        RelationKind::ManyToMany => {
            RelationKeys { owner: owner.primary_key.to_vec(), target: target.primary_key.to_vec() }
        }
    }
}

fn referred(def: &'static EntityDef, fields: &[&str]) -> Vec<usize> {
    if fields.is_empty() { def.primary_key.to_vec() } else { positions(def, fields) }
}

fn positions(def: &'static EntityDef, fields: &[&str]) -> Vec<usize> {
    let position = |&field: &&str| match def.column_of_field(field) {
        Some(position) => position,
        // The derive has checked every name that it wrote down.
        None => unreachable!("`{}` has no column `{field}`", def.name),
    };
    fields.iter().map(position).collect()
}

/// The table between, which a `ManyToMany` always has.
pub(super) fn secondary_of(relation: &'static RelationDef) -> &'static SecondaryDef {
    match &relation.secondary {
        Some(secondary) => secondary,
        None => unreachable!("the many-to-many `{}` has no secondary table", relation.name),
    }
}

/// One alias's columns equal the other's, pair by pair.
pub(super) fn tied(context: &RenderContext, left: (&Scope, &[usize]), right: (&Scope, &[usize])) -> Expr {
    let pairs = left.1.iter().zip(right.1);
    all(pairs.map(|(&l, &r)| left.0.comparable(context, l).eq(right.0.comparable(context, r))).collect())
}

/// The secondary table's columns equal a side's key.
pub(super) fn tied_to_secondary(
    context: &RenderContext,
    secondary: &DynIden,
    columns: &'static [&'static str],
    side: (&Scope, &[usize]),
) -> Expr {
    let pair = |(&column, &position): (&&'static str, &usize)| {
        side.0.comparable(context, position).eq(Expr::col((secondary.clone(), column)))
    };
    all(columns.iter().zip(side.1).map(pair).collect())
}

/// There is a target that satisfies the filter.
pub(super) fn related(context: &RenderContext, scope: &Scope, relation: usize, node: &Node) -> Expr {
    let relation = &scope.def.relations[relation];
    let keys = relation_keys(scope.def, relation);
    let target = context.scope((relation.target)());
    let mut select = Query::select();
    select.expr(Expr::cust("1"));
    if relation.kind == RelationKind::ManyToMany {
        let secondary = secondary_of(relation);
        let between = context.alias();
        let table = TableName::of_secondary(scope.def, secondary).table_ref().alias(between.clone());
        let to_target = tied_to_secondary(context, &between, secondary.target_columns, (&target, &keys.target));
        select.from(table).join(JoinType::InnerJoin, target.table(), to_target);
        select.and_where(tied_to_secondary(context, &between, secondary.owner_columns, (scope, &keys.owner)));
    } else {
        select.from(target.table());
        select.and_where(tied(context, (&target, &keys.target), (scope, &keys.owner)));
    }
    if !matches!(node, Node::All(nodes) if nodes.is_empty()) {
        select.and_where(filter(context, &target, node));
    }
    Expr::exists(select)
}
