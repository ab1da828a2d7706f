//! ORDER BY, and the order that a collection has when nobody asked for one.

use sea_query::{Expr, NullOrdering, Order, OrderedStatement};

use crate::{
    expr::{Direction, Nulls, Operand, OrderKey, OrderNode},
    schema::{EntityDef, RelationDef},
};

use super::{
    context::{RenderContext, Scope},
    raw::raw,
};

/// Appends the orders to a statement or a window.
pub(super) fn order_by<S: OrderedStatement>(
    context: &RenderContext,
    scope: &Scope,
    orders: &[OrderNode],
    statement: &mut S,
) {
    for node in orders {
        let key = match &node.key {
            OrderKey::Operand(operand) => order_operand(context, scope, operand),
            OrderKey::Raw(fragment) => raw(context, scope, fragment),
        };
        let direction = match node.direction {
            Direction::Ascending => Order::Asc,
            Direction::Descending => Order::Desc,
        };
        match node.nulls {
            Nulls::Default => statement.order_by_expr(key, direction),
            Nulls::First => statement.order_by_expr_with_nulls(key, direction, NullOrdering::First),
            Nulls::Last => statement.order_by_expr_with_nulls(key, direction, NullOrdering::Last),
        };
    }
}

fn order_operand(context: &RenderContext, scope: &Scope, operand: &Operand) -> Expr {
    match operand {
        Operand::Column(position) => scope.comparable(context, *position),
        Operand::Lower(position) => sea_query::Func::lower(scope.comparable(context, *position)).into(),
        Operand::Value(value) => Expr::Value(value.clone()),
    }
}

/// The order of the primary key.
pub(crate) fn key_order(def: &'static EntityDef) -> Vec<OrderNode> {
    key_order_after(&[], def)
}

/// The order of a collection: what the relationship says, then the primary key, so that it is the same at each load.
pub(crate) fn collection_order(relation: &'static RelationDef) -> Vec<OrderNode> {
    let target = (relation.target)();
    let named = relation.order_by.iter().filter_map(|&(field, descending)| {
        let direction = if descending { Direction::Descending } else { Direction::Ascending };
        Some(OrderNode::column(target.column_of_field(field)?, direction))
    });
    let mut orders: Vec<OrderNode> = named.collect();
    orders.extend(key_order_after(&orders, target));
    orders
}

/// By those columns of the primary key that the orders do not name, upwards: with them, the same at each load.
pub(super) fn key_order_after(orders: &[OrderNode], def: &'static EntityDef) -> Vec<OrderNode> {
    let is_named = |position: usize| {
        orders.iter().any(|node| matches!(node.key, OrderKey::Operand(Operand::Column(named)) if named == position))
    };
    let unnamed = def.primary_key.iter().filter(|position| !is_named(**position));
    unnamed.map(|position| OrderNode::column(*position, Direction::Ascending)).collect()
}

/// The columns that the orders name; `None` where one is SQL that may name any.
pub(super) fn ordered_columns(orders: &[OrderNode]) -> Option<Vec<usize>> {
    fn column(operand: &Operand) -> Option<usize> {
        match operand {
            Operand::Column(position) | Operand::Lower(position) => Some(*position),
            Operand::Value(_) => None,
        }
    }
    let mut columns = Vec::new();
    for node in orders {
        match &node.key {
            OrderKey::Operand(operand) => columns.extend(column(operand)),
            OrderKey::Raw(_) => return None,
        }
    }
    Some(columns)
}
