//! UPDATE and DELETE of all rows that match a filter.

use sea_query::{BinOper, Expr, ExprTrait, Func, Query};

use crate::{
    error::Result,
    expr::{Calculation, Node, Scalar},
    schema::{EntityDef, SqlType},
};

use super::{
    carrier::bind,
    context::{Dialect, RenderContext, Scope},
    filter::{filter, too_deep},
    statement::Sql,
    update::computed,
};

/// `UPDATE .. SET .. WHERE ..`; columns with `on_update` that are not set get their expression.
pub(crate) fn update_where(
    dialect: Dialect,
    def: &'static EntityDef,
    set: &[(usize, Scalar)],
    condition: &Node,
    returning: &[usize],
) -> Result<Sql> {
    let context = RenderContext::new(dialect);
    let root = context.scope(def);
    let mut update = Query::update();
    update.table(root.table());
    for (column, scalar) in set {
        let definition = &def.columns[*column];
        update.value(definition.name, value_of(&context, &root, scalar, definition.sql_type));
    }
    let columns: Vec<usize> = set.iter().map(|(column, _)| *column).collect();
    update.values(computed(def, &columns).into_iter().map(|(name, sql)| (name, Expr::cust(sql))));
    if !is_always(condition) {
        update.and_where(filter(&context, &root, condition));
    }
    if !returning.is_empty() {
        update.returning(Query::returning().columns(returning.iter().map(|column| def.columns[*column].name)));
    }
    context.finish(def, &update)
}

/// `DELETE FROM .. WHERE ..`.
pub(crate) fn delete_where(
    dialect: Dialect,
    def: &'static EntityDef,
    condition: &Node,
    returning: &[usize],
) -> Result<Sql> {
    let context = RenderContext::new(dialect);
    let (root, table) = context.deleted(def);
    let mut delete = Query::delete();
    delete.from_table(table);
    if !is_always(condition) {
        delete.and_where(filter(&context, &root, condition));
    }
    if !returning.is_empty() {
        delete.returning(Query::returning().columns(returning.iter().map(|column| def.columns[*column].name)));
    }
    let names = returning.iter().map(|column| def.columns[*column].name);
    Ok(context.finish(def, &delete)?.returning(dialect, names))
}

fn is_always(condition: &Node) -> bool {
    matches!(condition, Node::All(nodes) if nodes.is_empty())
}

/// A value to store in a column of this type.
fn value_of(context: &RenderContext, scope: &Scope, scalar: &Scalar, sql_type: SqlType) -> Expr {
    match scalar {
        Scalar::Column(position) => scope.column(*position),
        Scalar::Value(value) => bind(context.dialect, sql_type, value.clone()),
        Scalar::TooDeep => context.refuse(too_deep("a calculation")),
        Scalar::Calculate { left, operator, right, .. } => {
            let left = value_of(context, scope, left, sql_type);
            let right = value_of(context, scope, right, sql_type);
            if context.dialect == Dialect::MySql && *operator == Calculation::Concat {
                // `||` is OR there, unless the session says otherwise.
                return Func::cust("CONCAT").args([left, right]).into();
            }
            let operator = match operator {
                Calculation::Add => BinOper::Add,
                Calculation::Subtract => BinOper::Sub,
                Calculation::Multiply => BinOper::Mul,
                // Of whole numbers the others make whole numbers.
                Calculation::Divide if context.dialect == Dialect::MySql && is_whole(sql_type) => {
                    BinOper::Custom("DIV")
                }
                Calculation::Divide => BinOper::Div,
                Calculation::Concat => BinOper::Custom("||"),
            };
            left.binary(operator, right)
        }
    }
}

const fn is_whole(sql_type: SqlType) -> bool {
    matches!(sql_type, SqlType::SmallInt | SqlType::Integer | SqlType::BigInt)
}
