//! How values are compared with columns, where the same value can be written in several ways: text of a type that only the server knows,
//! UUIDs that others wrote on SQLite.

use sea_query::{Enum, Expr, ExprTrait, OptionEnum};

use crate::{
    schema::{EntityDef, SqlType},
    value::Value,
};

use super::{
    carrier::{bind, plain},
    context::Dialect,
};

/// One value to compare with a column of this type. On PostgreSQL text goes without a type, so that the server takes it for what the
/// column is: as text it would not be compared as citext or as CHAR(n).
///
/// MySQL takes a text beside JSON for a JSON string; MariaDB, whose JSON is text, has no such cast. What stands in the comments only
/// MySQL reads.
pub(super) fn compared(dialect: Dialect, sql_type: SqlType, value: Value) -> Expr {
    match (dialect, sql_type) {
        (Dialect::Postgres, SqlType::Text) => Expr::Value(untyped(value)),
        (Dialect::MySql, SqlType::Json) => {
            let value = bind(dialect, sql_type, value);
            Expr::cust_with_exprs("/*!80000 CAST(*/?/*!80000 AS JSON)*/", [value])
        }
        _ => bind(dialect, sql_type, value),
    }
}

/// A column equals a value that is bound apart, or one of another table. On SQLite a UUID is text that others may have written in upper
/// case, and is found so as well.
pub(super) fn equals(dialect: Dialect, sql_type: SqlType, column: Expr, value: Expr) -> Expr {
    match (dialect, sql_type) {
        (Dialect::Sqlite, SqlType::Uuid) => {
            let either = "? IN (WITH given(value) AS (SELECT ?) SELECT value FROM given UNION ALL SELECT upper(value) FROM given)";
            Expr::cust_with_exprs(either, [column, value])
        }
        _ => column.eq(value),
    }
}

/// A UUID as others may have written it on SQLite.
pub(super) fn in_upper_case(value: &Value) -> Option<Value> {
    match value {
        #[cfg(feature = "uuid")]
        Value::Uuid(Some(uuid)) => Some(Value::String(Some(uuid.hyphenated().to_string().to_uppercase()))),
        _ => None,
    }
}

/// What stands for a type in a value whose type the server infers.
const UNTYPED: &str = "orm_untyped";

/// The cast that sea-query writes behind it.
#[cfg(feature = "postgres")]
pub(super) const UNTYPED_CAST: &str = "::\"orm_untyped\"";

/// Text as a value whose type the server infers.
pub(super) fn untyped(value: Value) -> Value {
    match value {
        Value::String(Some(text)) => {
            Value::Enum(OptionEnum::Some(Box::new(Enum { type_name: UNTYPED.into(), value: text.into() })))
        }
        other => plain(other),
    }
}

/// The values of a key as they are bound to a statement of fixed shape that compares them one by one.
pub(crate) fn key_values(dialect: Dialect, def: &EntityDef, columns: &[usize], values: &[Value]) -> Vec<Value> {
    let compared = |(value, column): (&Value, &usize)| match (dialect, def.columns[*column].sql_type) {
        (Dialect::Postgres, SqlType::Text) => untyped(value.clone()),
        _ => plain(value.clone()),
    };
    values.iter().zip(columns).map(compared).collect()
}
