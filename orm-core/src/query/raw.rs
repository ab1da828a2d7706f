//! Rows of the user's own SQL: what they become, and what can be bound in it.

use crate::value::{Cells, ColumnError, ColumnType, Value, decode};

/// What a row of [`db.sql(..)`](crate::database::Database::sql) or [`session.sql(..)`](crate::session::Session::sql) can become:
/// a single column, a tuple of up to twelve (by position), or a struct by the names of its fields with `#[derive(Row)]`.
///
/// ```
/// use orm_core::prelude::*;
///
/// #[derive(Row)]
/// struct NameCount {
///     name: String,
///     posts: i64,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let db = Database::connect("sqlite::memory:").await?;
/// let found = db.sql("SELECT 'Ada' AS name, 2 AS posts").one::<NameCount>().await?;
/// assert_eq!((found.name.as_str(), found.posts), ("Ada", 2));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "a row cannot become `{Self}`",
    label = "not a row",
    note = "derive it for a struct whose fields are columns: `#[derive(Row)]`",
    note = "a single column and tuples of up to twelve are rows as well; for entities use `.entities::<..>()`"
)]
pub trait FromRow: Sized + Send {
    /// The names of the columns that it takes; none where they are taken by position.
    #[doc(hidden)]
    fn columns() -> &'static [&'static str];

    /// How many columns the result must have, where they are taken by position.
    #[doc(hidden)]
    fn width() -> Option<usize> {
        None
    }

    /// Decodes one row. `positions` are those of [`columns`](Self::columns), or the first so many.
    #[doc(hidden)]
    fn decode(cells: &dyn Cells, positions: &[usize]) -> Result<Self, ColumnError>;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> FromRow for T {
    fn columns() -> &'static [&'static str] {
        &[]
    }

    fn width() -> Option<usize> {
        Some(1)
    }

    fn decode(cells: &dyn Cells, positions: &[usize]) -> Result<Self, ColumnError> {
        decode(cells, positions[0], 0)
    }
}

macro_rules! tuples {
    ($(($($type:ident $at:literal)*))*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($type: ColumnType),*> FromRow for ($($type,)*) {
            fn columns() -> &'static [&'static str] {
                &[]
            }

            fn width() -> Option<usize> {
                Some([$($at),*].len())
            }

            fn decode(cells: &dyn Cells, positions: &[usize]) -> Result<Self, ColumnError> {
                Ok(($(decode::<$type>(cells, positions[$at], $at)?,)*))
            }
        }
    )* };
}

tuples! {
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11)
}

/// What can stand in the place of a `?`: every column type, a `&str`, a [`Value`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be bound to a placeholder",
    label = "neither a column type nor a value",
    note = "bind a value of a column type, not a reference to it"
)]
pub trait Bind {
    /// The value to send.
    #[doc(hidden)]
    fn into_value(self) -> Value;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> Bind for T {
    fn into_value(self) -> Value {
        self.to_value()
    }
}

impl Bind for Value {
    fn into_value(self) -> Value {
        self
    }
}

impl Bind for &str {
    fn into_value(self) -> Value {
        Value::String(Some(self.to_owned()))
    }
}

impl Bind for &String {
    fn into_value(self) -> Value {
        Value::String(Some(self.clone()))
    }
}

impl Bind for Option<&str> {
    fn into_value(self) -> Value {
        Value::String(self.map(str::to_owned))
    }
}

impl Bind for &[u8] {
    fn into_value(self) -> Value {
        Value::Bytes(Some(self.to_vec()))
    }
}
