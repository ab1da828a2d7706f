//! Column types: how one Rust value becomes one cell and back.

mod cells;
#[cfg(feature = "chrono")]
pub(crate) mod chrono;
#[cfg(any(feature = "chrono", feature = "time"))]
pub(crate) mod civil;
mod comparable;
#[cfg(feature = "rust_decimal")]
mod decimal;
pub(crate) mod decimal_text;
mod into_column;
#[cfg(feature = "serde_json")]
mod json;
#[cfg(feature = "serde_json")]
pub(crate) use json::json_text;
pub(crate) mod mysql;
mod number;
pub(crate) mod numeric;
pub(crate) mod oid;
mod option;
#[cfg(test)]
mod random_cells;
mod raw;
#[cfg(test)]
mod tests;
mod text;
#[cfg(feature = "time")]
pub(crate) mod time;
#[cfg(feature = "uuid")]
mod uuid;

use std::fmt;

use crate::schema::SqlType;

pub use cells::{Cells, ColumnError, decode};
pub(crate) use comparable::{ComparableKey, only_the_database_compares_any};
pub use mysql::MySqlType;
pub(crate) use number::whole;
pub use raw::Raw;
/// A value on its way to the database, typed even when it is null.
pub use sea_query::Value;

/// A type that one column can hold.
///
/// Implemented for the integers, floats, `bool`, `String`, `Vec<u8>`, `Option<T>` of any of them (a nullable column) and,
/// behind the features of the same name, for the types of `chrono`, `time`, `uuid`, `rust_decimal` and `serde_json`.
/// For a newtype or an enum without fields, derive it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column",
    label = "not a column type",
    note = "derive it for a newtype or an enum without fields: `#[derive(ColumnType)]`",
    note = "for a relationship write `BelongsTo<T>`, `HasMany<T>`, `HasOne<T>` or `ManyToMany<T>`",
    note = "types of chrono, time, uuid, rust_decimal and serde_json need the feature of that name"
)]
pub trait ColumnType: Sized + Clone + std::fmt::Debug + Send + Sync + 'static {
    /// What a getter gives: `&'r str` for `String`, the value itself for a number.
    type Ref<'r>;

    /// What the database calls the type.
    const SQL_TYPE: SqlType;

    /// Whether NULL is one of the values.
    const NULLABLE: bool = false;

    /// Reads the value in place.
    fn get(&self) -> Self::Ref<'_>;

    /// Decodes a cell that a database sent.
    ///
    /// # Errors
    /// When the cell is NULL, of another type or out of range.
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError>;

    /// The value to bind.
    fn to_value(&self) -> Value;

    /// The typed NULL to bind where there is no value.
    fn null() -> Value;

    /// Takes the value out of one made by [`to_value`](Self::to_value) of this type, or of the type that a foreign key
    /// shares with it.
    ///
    /// # Errors
    /// When the value is null or of another type.
    fn from_value(value: &Value) -> Result<Self, DecodeError>;

    /// Whether both are the same to the database: what decides if an assignment is a change.
    fn same(&self, other: &Self) -> bool;

    /// The value as the database keeps it: a moment is cut to microseconds, every other value stays as it is.
    ///
    /// Builders, setters, changes, keys and filters take values in this form, so that memory and row are the same.
    #[must_use]
    fn kept(self) -> Self {
        self
    }
}

/// Why a cell is not a value of the column's type. The caller adds entity and column.
#[derive(Debug)]
pub struct DecodeError(Box<str>);

impl DecodeError {
    /// An error that says what was found and what was expected.
    #[cold]
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into().into_boxed_str())
    }

    /// The cell is NULL and the type has no such value.
    #[cold]
    pub fn null() -> Self {
        Self::new("NULL in a column that is declared without `Option`")
    }

    /// What went wrong.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

/// Something that a column of type `T` accepts: `T` itself, a `&str` for a `String`, a `T` for an `Option<T>`.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` does not take `{Self}`",
    label = "expected a value for a column of type `{T}`",
    note = "a column takes a value of its own type, one of `Option` takes `None` as well; text can be a `&str`"
)]
pub trait IntoColumn<T> {
    /// The column's own type.
    fn into_column(self) -> T;
}

/// Whether a value is the NULL of its type.
#[must_use]
pub(crate) fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

/// Values as a message shows them: bare, joined by commas.
pub(crate) fn print_values(values: &[Value]) -> String {
    let mut text = String::new();
    for value in values {
        if !text.is_empty() {
            text.push_str(", ");
        }
        match value {
            Value::String(Some(string)) => text.push_str(&format!("{string:?}")),
            Value::BigInt(Some(number)) => text.push_str(&number.to_string()),
            Value::Int(Some(number)) => text.push_str(&number.to_string()),
            Value::SmallInt(Some(number)) => text.push_str(&number.to_string()),
            Value::Double(Some(number)) => text.push_str(&number.to_string()),
            Value::Bool(Some(truth)) => text.push_str(&truth.to_string()),
            null if is_null(null) => text.push_str("NULL"),
            other => text.push_str(&format!("{other:?}")),
        }
    }
    text
}

/// The NULL of a column type.
pub(crate) fn null_of(sql_type: SqlType) -> Value {
    match sql_type {
        SqlType::Boolean => Value::Bool(None),
        SqlType::SmallInt => Value::SmallInt(None),
        SqlType::Integer => Value::Int(None),
        SqlType::BigInt => Value::BigInt(None),
        SqlType::Real => Value::Float(None),
        SqlType::Double => Value::Double(None),
        SqlType::Bytes => Value::Bytes(None),
        _ => Value::String(None),
    }
}
