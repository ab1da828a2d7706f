//! Conditions: the tree of a filter, for the columns of one alias.

use sea_query::{BinOper, Expr, ExprTrait, Func};

use crate::{
    error::{Error, ErrorKind},
    expr::{Comparison, MAX_DEPTH, Node, Operand, is_null},
    schema::SqlType,
    value::Value,
};

use super::{
    carrier::bind,
    compared::{compared, in_upper_case},
    context::{Dialect, RenderContext, Scope},
    like::{ilike, like},
    list::in_values,
    raw::raw,
    relation::related,
};

/// The condition on the rows of `scope`.
pub(crate) fn filter(context: &RenderContext, scope: &Scope, node: &Node) -> Expr {
    match node {
        Node::All(nodes) => all(nodes.iter().map(|node| filter(context, scope, node)).collect()),
        Node::Any(nodes) => any(nodes.iter().map(|node| filter(context, scope, node)).collect()),
        Node::Not(inner) => match &**inner {
            Node::IsNull(of) => operand(context, scope, of, None).is_not_null(),
            inner => filter(context, scope, inner).not(),
        },
        Node::Compare { left, comparison, right } => compare(context, scope, left, *comparison, right),
        Node::IsNull(of) => operand(context, scope, of, None).is_null(),
        Node::In { operand: of, values } => in_list(context, scope, of, values),
        Node::Between { operand: of, low, high } => between(context, scope, of, low, high),
        Node::Like { operand: of, pattern } => like(context, operand(context, scope, of, None), pattern),
        Node::ILike { operand: of, pattern } => ilike(context, operand(context, scope, of, None), pattern),
        Node::Related { relation, filter } => related(context, scope, *relation, filter),
        Node::Raw(fragment) => raw(context, scope, fragment),
        Node::TooDeep => context.refuse(too_deep("a condition")),
    }
}

/// The refusal of what is nested too deep.
#[cold]
pub(super) fn too_deep(what: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!(
            "{what} is nested deeper than {MAX_DEPTH} levels: nest less, or run several queries; a chain of `or` or `and` is flat"
        ),
    )
}

/// All of the conditions; true where there is none.
pub(super) fn all(conditions: Vec<Expr>) -> Expr {
    chain(conditions, BinOper::And).unwrap_or_else(|| Expr::cust("TRUE"))
}

fn any(conditions: Vec<Expr>) -> Expr {
    chain(conditions, BinOper::Or).unwrap_or_else(|| Expr::cust("FALSE"))
}

/// Long chains fold as a balanced tree: SQLite refuses expressions deeper than 1,000.
fn chain(mut conditions: Vec<Expr>, operator: BinOper) -> Option<Expr> {
    if conditions.len() > 16 {
        let second = conditions.split_off(conditions.len() / 2);
        let first = chain(conditions, operator)?;
        return Some(first.binary(operator, chain(second, operator)?));
    }
    conditions.into_iter().reduce(|all, condition| all.binary(operator, condition))
}

/// One side of a comparison; `sql_type` is the type of the other side, for a value that needs a cast to it.
fn operand(context: &RenderContext, scope: &Scope, operand_: &Operand, sql_type: Option<SqlType>) -> Expr {
    match operand_ {
        Operand::Column(position) => scope.comparable(context, *position),
        Operand::Value(value) => match sql_type {
            Some(sql_type) => compared(context.dialect, sql_type, value.clone()),
            None => bind(context.dialect, SqlType::Text, value.clone()),
        },
        Operand::Lower(position) => Func::lower(scope.comparable(context, *position)).into(),
    }
}

/// The type of the column in an operand.
fn type_of(scope: &Scope, operand: &Operand) -> Option<SqlType> {
    match operand {
        Operand::Column(position) => Some(scope.definition(*position).sql_type),
        Operand::Value(_) => None,
        Operand::Lower(_) => Some(SqlType::Text),
    }
}

fn compare(context: &RenderContext, scope: &Scope, left: &Operand, comparison: Comparison, right: &Operand) -> Expr {
    let sql_type = type_of(scope, left).or_else(|| type_of(scope, right));
    let of = operand(context, scope, left, sql_type);
    if let Operand::Value(value) = right
        && absent_nan(context, value)
    {
        return compare_with_absent_nan(of, comparison);
    }
    if let Operand::Value(value) = right
        && context.dialect == Dialect::Sqlite
        && let Some(upper) = in_upper_case(value)
    {
        let either = [bind(context.dialect, SqlType::Uuid, value.clone()), Expr::Value(upper)];
        match comparison {
            Comparison::Equal => return of.is_in(either),
            Comparison::NotEqual => return of.is_not_in(either),
            _ => {}
        }
    }
    of.binary(operator(comparison), operand(context, scope, right, sql_type))
}

const fn operator(comparison: Comparison) -> BinOper {
    match comparison {
        Comparison::Equal => BinOper::Equal,
        Comparison::NotEqual => BinOper::NotEqual,
        Comparison::Less => BinOper::SmallerThan,
        Comparison::LessOrEqual => BinOper::SmallerThanOrEqual,
        Comparison::Greater => BinOper::GreaterThan,
        Comparison::GreaterOrEqual => BinOper::GreaterThanOrEqual,
    }
}

/// SQLite has no NaN: it would bind as NULL, and no row holds one. Nor has MySQL.
fn absent_nan(context: &RenderContext, value: &Value) -> bool {
    context.dialect != Dialect::Postgres && is_nan(value)
}

fn is_nan(value: &Value) -> bool {
    match value {
        Value::Float(Some(number)) => number.is_nan(),
        Value::Double(Some(number)) => number.is_nan(),
        _ => false,
    }
}

/// The answer that PostgreSQL gives, where NaN equals itself and is greater than every number: every value is less, none is
/// equal. Written with the column, so that NULL stays unknown.
fn compare_with_absent_nan(of: Expr, comparison: Comparison) -> Expr {
    match comparison {
        Comparison::NotEqual | Comparison::Less | Comparison::LessOrEqual => of.clone().eq(of),
        Comparison::Equal | Comparison::Greater | Comparison::GreaterOrEqual => of.clone().ne(of),
    }
}

fn between(context: &RenderContext, scope: &Scope, of: &Operand, low: &Value, high: &Value) -> Expr {
    if absent_nan(context, low) || absent_nan(context, high) {
        let low = compare(context, scope, of, Comparison::GreaterOrEqual, &Operand::Value(low.clone()));
        return low.and(compare(context, scope, of, Comparison::LessOrEqual, &Operand::Value(high.clone())));
    }
    let sql_type = type_of(scope, of).unwrap_or(SqlType::Text);
    let bound = |value: &Value| compared(context.dialect, sql_type, value.clone());
    operand(context, scope, of, None).between(bound(low), bound(high))
}

fn in_list(context: &RenderContext, scope: &Scope, of: &Operand, values: &[Value]) -> Expr {
    let without_null = values.iter().filter(|value| !is_null(value));
    let present: Vec<Value> = without_null.clone().filter(|value| !absent_nan(context, value)).cloned().collect();
    let expr = operand(context, scope, of, None);
    let among = if !present.is_empty() {
        let sql_type = type_of(scope, of).unwrap_or(SqlType::Text);
        Some(in_values(context, expr.clone(), sql_type, &present))
    } else if without_null.count() > 0 {
        Some(compare_with_absent_nan(expr.clone(), Comparison::Equal))
    } else {
        None
    };
    match (among, values.iter().any(is_null)) {
        (Some(among), false) => among,
        (Some(among), true) => among.or(expr.is_null()),
        (None, true) => expr.is_null(),
        (None, false) => Expr::cust("FALSE"),
    }
}
