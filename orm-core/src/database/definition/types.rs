//! How each backend spells the type of a column.

use super::{enums, literal};
use crate::{
    database::{Backend, connection::quoted},
    schema::{ColumnDef, EntityDef, SqlType},
    value::decimal_text,
};

/// The type of a column, with the CHECK or collation that makes it that type.
pub(super) fn column_type(backend: Backend, column: &ColumnDef) -> String {
    match backend {
        #[cfg(feature = "sqlite")]
        Backend::Sqlite => sqlite(column),
        #[cfg(feature = "postgres")]
        Backend::Postgres => postgres(column.sql_type, column.length),
    }
}

/// The type of a column that refers to this one. The CHECK of an enum on SQLite stays with the column that is referred to.
pub(super) fn reference_type(backend: Backend, column: &ColumnDef) -> String {
    match column.sql_type {
        #[cfg(feature = "sqlite")]
        SqlType::Enum(_) if backend == Backend::Sqlite => "TEXT".to_owned(),
        _ => column_type(backend, column),
    }
}

/// Names that give the affinity that stores the value as it is: a column called DECIMAL or DATE would turn text into numbers.
#[cfg(feature = "sqlite")]
fn sqlite(column: &ColumnDef) -> String {
    match column.sql_type {
        SqlType::Boolean => "BOOLEAN".to_owned(),
        SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => "INTEGER".to_owned(),
        SqlType::Real | SqlType::Double => "REAL".to_owned(),
        SqlType::Text => match column.length {
            Some(length) => format!("VARCHAR({length})"),
            None => "TEXT".to_owned(),
        },
        SqlType::Bytes => "BLOB".to_owned(),
        SqlType::Decimal => format!("TEXT COLLATE {}", decimal_text::COLLATION),
        SqlType::Enum(definition) => {
            let labels = definition.labels.iter().map(|label| literal(label)).collect::<Vec<_>>().join(", ");
            format!("TEXT CHECK ({} IN ({labels}))", quoted(column.name))
        }
        SqlType::Date | SqlType::Time | SqlType::Timestamp | SqlType::TimestampTz | SqlType::Uuid | SqlType::Json => {
            "TEXT".to_owned()
        }
    }
}

#[cfg(feature = "postgres")]
fn postgres(sql_type: SqlType, length: Option<u32>) -> String {
    match sql_type {
        SqlType::Boolean => "BOOLEAN",
        SqlType::SmallInt => "SMALLINT",
        SqlType::Integer => "INTEGER",
        SqlType::BigInt => "BIGINT",
        SqlType::Real => "REAL",
        SqlType::Double => "DOUBLE PRECISION",
        SqlType::Text => match length {
            Some(length) => return format!("VARCHAR({length})"),
            None => "TEXT",
        },
        SqlType::Bytes => "BYTEA",
        SqlType::Date => "DATE",
        SqlType::Time => "TIME",
        SqlType::Timestamp => "TIMESTAMP",
        SqlType::TimestampTz => "TIMESTAMPTZ",
        SqlType::Uuid => "UUID",
        SqlType::Decimal => "NUMERIC",
        SqlType::Json => "JSONB",
        SqlType::Enum(definition) => return quoted(definition.name),
    }
    .to_owned()
}

/// CREATE TYPE for enums, which knows no IF NOT EXISTS.
pub(super) fn create_enums(backend: Backend, entities: &[&'static EntityDef]) -> Vec<String> {
    match backend {
        #[cfg(feature = "sqlite")]
        Backend::Sqlite => Vec::new(),
        #[cfg(feature = "postgres")]
        Backend::Postgres => enums(entities)
            .iter()
            .map(|definition| {
                let labels = definition.labels.iter().map(|label| literal(label)).collect::<Vec<_>>().join(", ");
                let create = format!("CREATE TYPE {} AS ENUM ({labels})", quoted(definition.name));
                unless_there(&create)
            })
            .collect(),
    }
}

/// DROP TYPE for enums.
pub(super) fn drop_enums(backend: Backend, entities: &[&'static EntityDef]) -> Vec<String> {
    match backend {
        #[cfg(feature = "sqlite")]
        Backend::Sqlite => Vec::new(),
        #[cfg(feature = "postgres")]
        Backend::Postgres => enums(entities)
            .iter()
            .map(|definition| format!("DROP TYPE IF EXISTS {}", quoted(definition.name)))
            .collect(),
    }
}

/// A statement of PostgreSQL that is left out when what it creates is there.
#[cfg(feature = "postgres")]
pub(super) fn unless_there(statement: &str) -> String {
    // A tag that no name contains.
    format!("DO $orm_ddl$ BEGIN {statement}; EXCEPTION WHEN duplicate_object THEN NULL; END $orm_ddl$")
}
