//! What the derive implements for a user's struct: the row, its draft, its key.

mod changes;
mod deferred;
mod draft;
mod field;
mod key;

use std::fmt;

use crate::{
    handle::Src,
    load::Load,
    query::{Delete, Update},
    schema::EntityDef,
    value::{Cells, ColumnError, DecodeError, Raw, Value},
};

#[doc(hidden)]
pub use changes::change_target;
pub(crate) use changes::without_key;
pub use changes::{ChangeSet, ChangedColumn, Changes, EntityChanges, Patch, ReadsChanges, SetByClients};
#[cfg(feature = "serde")]
#[doc(hidden)]
pub use changes::{ReadChanges, ReadWith, read_column, read_column_with, read_value, read_value_with, refuse_column};
pub use deferred::Deferred;
pub use draft::Draft;
pub use field::Field;
pub use key::{IntoKey, Key, KeyType};

/// A struct that is the row of a table: made by `#[derive(Entity)]`, never by hand.
///
/// The struct itself is what a session stores; its methods (`impl User { fn full_name(&self) .. }`) are there on every
/// [`Persistent`](crate::handle::Persistent) and [`Detached`](crate::handle::Detached) of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    label = "not an entity",
    note = "derive it: `#[derive(Entity)]`"
)]
pub trait Entity: Sized + Send + Sync + 'static {
    /// The table, its columns and relationships.
    const DEF: &'static EntityDef;

    /// An UPDATE of every row that matches, to be run by a session or a database.
    fn update() -> Update<Self> {
        Update::new()
    }

    /// A DELETE of every row that matches, to be run by a session or a database.
    fn delete() -> Delete<Self> {
        Delete::new()
    }

    /// The primary key: the column's type, or a struct with the key's columns as fields (`OrderItemKey`).
    type Key: KeyType;

    /// The load state of an object of which only the columns are known.
    type Bare: Load<Self>;

    /// Some columns, each absent, null or set: what [`Changes`] names.
    #[doc(hidden)]
    type Changes: EntityChanges<Self>;

    /// Every column, each set or not: what a builder fills.
    #[doc(hidden)]
    type Draft: Draft<Entity = Self>;

    /// Where the getters of a persistent object are.
    #[doc(hidden)]
    type View<'s, L: 'static>: ?Sized;

    /// Where the getters of a pending object are.
    #[doc(hidden)]
    type PendingView<'s>: ?Sized;

    #[doc(hidden)]
    fn view<'v, 's: 'v, L: 'static>(src: &'v Src<'s, Self>) -> &'v Self::View<'s, L>;

    #[doc(hidden)]
    fn pending_view<'v, 's: 'v>(src: &'v Src<'s, Self>) -> &'v Self::PendingView<'s>;

    /// Decodes all columns that are not deferred, in order, from `first` on.
    #[doc(hidden)]
    fn decode(cells: &dyn Cells, first: usize) -> Result<Self, ColumnError>;

    /// Decodes just the primary key out of the same cells.
    #[doc(hidden)]
    fn decode_key(cells: &dyn Cells, first: usize) -> Result<Self::Key, ColumnError>;

    /// Turns one cell of one column into a value.
    #[doc(hidden)]
    fn decode_value(column: usize, raw: Raw<'_>) -> Result<Value, DecodeError>;

    /// Prints the columns that are not sensitive.
    #[doc(hidden)]
    fn debug(&self, fields: &mut fmt::DebugStruct<'_, '_>);

    #[doc(hidden)]
    fn duplicate(&self) -> Self;

    #[doc(hidden)]
    fn key(&self) -> Self::Key;

    /// The value of a column to bind; `None` for a deferred column that is not loaded.
    #[doc(hidden)]
    fn value(&self, column: usize) -> Option<Value>;

    #[doc(hidden)]
    fn set_value(&mut self, column: usize, value: &Value) -> Result<(), DecodeError>;

    /// Whether both rows have the same value in a column.
    #[doc(hidden)]
    fn same(&self, other: &Self, column: usize) -> bool;
}
