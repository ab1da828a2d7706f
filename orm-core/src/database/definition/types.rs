//! How each backend spells the type of a column.

use super::{Spelling, enums, literal};
use crate::{
    schema::{ColumnDef, EntityDef, SqlType},
    value::decimal_text,
};

/// Whether an index of any kind is over a column: MySQL's take no text or bytes of unlimited length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Indexed {
    No,
    Yes,
}

/// The type of a column, with the CHECK or collation that makes it that type.
pub(super) fn column_type(spelling: Spelling, column: &ColumnDef, indexed: Indexed) -> String {
    match spelling {
        #[cfg(feature = "sqlite")]
        Spelling::Sqlite => sqlite(column),
        #[cfg(feature = "postgres")]
        Spelling::Postgres => postgres(spelling, column.sql_type, column.length),
        #[cfg(feature = "mysql")]
        Spelling::MySql { .. } => mysql(column.sql_type, column.length, indexed),
    }
}

/// The type of a column that refers to this one. The CHECK of an enum on SQLite stays with the column that is referred to.
pub(super) fn reference_type(spelling: Spelling, column: &ColumnDef) -> String {
    match column.sql_type {
        #[cfg(feature = "sqlite")]
        SqlType::Enum(_) if spelling == Spelling::Sqlite => "TEXT".to_owned(),
        _ => column_type(spelling, column, Indexed::Yes),
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
            format!("TEXT CHECK ({} IN ({labels}))", Spelling::Sqlite.quoted(column.name))
        }
        SqlType::Date | SqlType::Time | SqlType::Timestamp | SqlType::TimestampTz | SqlType::Uuid | SqlType::Json => {
            "TEXT".to_owned()
        }
    }
}

#[cfg(feature = "postgres")]
fn postgres(spelling: Spelling, sql_type: SqlType, length: Option<u32>) -> String {
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
        SqlType::Enum(definition) => return spelling.quoted(definition.name),
    }
    .to_owned()
}

/// How long text and bytes without a `length` may be where an index is over them: of four bytes each, 255 characters are well
/// below the limit of 3,072 bytes, and two such columns fit one index.
#[cfg(feature = "mysql")]
const INDEXED_LENGTH: u32 = 255;

/// Moments are DATETIME, not TIMESTAMP, which ends in 2038. Decimals take every value of `rust_decimal`.
#[cfg(feature = "mysql")]
fn mysql(sql_type: SqlType, length: Option<u32>, indexed: Indexed) -> String {
    let length = length.or((indexed == Indexed::Yes).then_some(INDEXED_LENGTH));
    match sql_type {
        SqlType::Boolean => "TINYINT(1)",
        SqlType::SmallInt => "SMALLINT",
        SqlType::Integer => "INT",
        SqlType::BigInt => "BIGINT",
        SqlType::Real => "FLOAT",
        SqlType::Double => "DOUBLE",
        SqlType::Text => match length {
            Some(length) => return format!("VARCHAR({length})"),
            None => "LONGTEXT",
        },
        SqlType::Bytes => match length {
            Some(length) => return format!("VARBINARY({length})"),
            None => "LONGBLOB",
        },
        SqlType::Date => "DATE",
        SqlType::Time => "TIME(6)",
        SqlType::Timestamp | SqlType::TimestampTz => "DATETIME(6)",
        SqlType::Uuid => "BINARY(16)",
        SqlType::Decimal => "DECIMAL(65,30)",
        SqlType::Json => "JSON",
        SqlType::Enum(definition) => {
            let labels = definition.labels.iter().map(|label| mysql_label(label)).collect::<Vec<_>>().join(", ");
            return format!("ENUM({labels})");
        }
    }
    .to_owned()
}

/// A label as text. Whether a backslash escapes is a setting of the server: with one in it the label is written as its bytes.
#[cfg(feature = "mysql")]
fn mysql_label(label: &str) -> String {
    match label.contains('\\') {
        true => format!("X'{}'", label.bytes().map(|byte| format!("{byte:02X}")).collect::<String>()),
        false => literal(label),
    }
}

/// A label as text. Whether a backslash escapes is a setting of the server, but in a literal that says so.
#[cfg(feature = "postgres")]
fn postgres_label(label: &str) -> String {
    match label.contains('\\') {
        true => format!("E{}", literal(&label.replace('\\', "\\\\"))),
        false => literal(label),
    }
}

/// CREATE TYPE for enums, which knows no IF NOT EXISTS.
pub(super) fn create_enums(spelling: Spelling, entities: &[&'static EntityDef]) -> Vec<String> {
    match spelling {
        #[cfg(feature = "sqlite")]
        Spelling::Sqlite => Vec::new(),
        #[cfg(feature = "mysql")]
        Spelling::MySql { .. } => Vec::new(),
        #[cfg(feature = "postgres")]
        Spelling::Postgres => enums(entities)
            .iter()
            .map(|definition| {
                let labels = definition.labels.iter().map(|label| postgres_label(label)).collect::<Vec<_>>().join(", ");
                let create = format!("CREATE TYPE {} AS ENUM ({labels})", spelling.quoted(definition.name));
                unless_there(&create)
            })
            .collect(),
    }
}

/// DROP TYPE for enums.
pub(super) fn drop_enums(spelling: Spelling, entities: &[&'static EntityDef]) -> Vec<String> {
    match spelling {
        #[cfg(feature = "sqlite")]
        Spelling::Sqlite => Vec::new(),
        #[cfg(feature = "mysql")]
        Spelling::MySql { .. } => Vec::new(),
        #[cfg(feature = "postgres")]
        Spelling::Postgres => enums(entities)
            .iter()
            .map(|definition| format!("DROP TYPE IF EXISTS {}", spelling.quoted(definition.name)))
            .collect(),
    }
}

/// A statement of PostgreSQL that is left out when what it creates is there.
#[cfg(feature = "postgres")]
pub(super) fn unless_there(statement: &str) -> String {
    let tags = std::iter::once("$orm_ddl$".to_owned()).chain((0_usize..).map(|number| format!("$orm_ddl_{number}$")));
    let tag = tags.into_iter().find(|tag| !statement.contains(tag.as_str())).unwrap_or_default();
    format!("DO {tag} BEGIN {statement}; EXCEPTION WHEN duplicate_object THEN NULL; END {tag}")
}
