//! What generated code does with a column of any type, in one trait: a type that is no column is then one error, said of the
//! type alone, however often the code asks it something.

use super::{Deferred, Entity};
use crate::{
    handle::{OwnedRow, Src},
    schema::{ColumnDef, Generation, SqlType},
    value::{Cells, ColumnError, ColumnType, DecodeError, Raw, Value, decode},
};

/// A column as generated code handles it: its definition, its cell, its place in a draft, its getter and setters.
///
/// Not a supertrait of [`ColumnType`] and with words of its own: each question is then the same error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column",
    label = "not a column type",
    note = "derive it for a newtype or an enum without fields: `#[derive(ColumnType)]`",
    note = "for a relationship write `BelongsTo<T>`, `HasMany<T>`, `HasOne<T>` or `ManyToMany<T>`",
    note = "types of chrono, time, uuid, rust_decimal and serde_json need the feature of that name"
)]
pub trait Field: Sized + 'static {
    /// What a getter gives.
    type Shown<'r>;

    /// Whether NULL is one of the values.
    const IS_NULLABLE: bool;

    /// Whether the database makes a key of this type.
    const IS_GENERATED: bool;

    /// Who makes a key of this type.
    const KEY_GENERATION: Generation;

    /// A column with nothing declared about it but its type.
    const COLUMN: ColumnDef;

    /// Reads the value in place.
    fn read(&self) -> Self::Shown<'_>;

    /// The value to bind.
    fn bound(&self) -> Value;

    /// The value out of one that was bound.
    ///
    /// # Errors
    /// When it is null or of another type.
    fn from_bound(value: &Value) -> Result<Self, DecodeError>;

    /// Whether both are the same to the database.
    fn is_same(&self, other: &Self) -> bool;

    /// Decodes the cell at a position of a row.
    ///
    /// # Errors
    /// When the cell is not of the type; names the column.
    fn from_cell(cells: &dyn Cells, position: usize, column: usize) -> Result<Self, ColumnError>;

    /// One cell as a value.
    ///
    /// # Errors
    /// When the cell is not of the type.
    fn value_of_cell(raw: Raw<'_>) -> Result<Value, DecodeError>;

    /// The value of a draft's column.
    fn of_draft(column: &Option<Self>) -> Option<Value>;

    /// A draft's column that a row cannot be without.
    ///
    /// # Errors
    /// The position, when it is not set.
    fn required(column: &Option<Self>, position: usize) -> Result<Self, usize>;

    /// A draft's deferred column.
    fn deferred(column: &Option<Self>) -> Deferred<Self>;

    /// A nullable column that nobody set is NULL.
    fn null_if_unset(column: &mut Option<Self>);

    /// A version that nobody set is the first.
    fn first_version_if_unset(column: &mut Option<Self>);

    /// The value of a deferred column, where it is loaded.
    fn of_deferred(column: &Deferred<Self>) -> Option<Value>;

    /// Sets a deferred column.
    ///
    /// # Errors
    /// When the value is null or of another type.
    fn set_in_deferred(column: &mut Deferred<Self>, value: &Value) -> Result<(), DecodeError>;

    /// Whether two deferred columns are the same to the database.
    fn is_same_deferred(column: &Deferred<Self>, other: &Deferred<Self>) -> bool;

    /// Reads a deferred column that the load state holds.
    fn read_deferred(column: &Deferred<Self>) -> Self::Shown<'_>;

    /// Sets the column of a persistent object.
    fn set<E: Entity>(src: Src<'_, E>, value: Self, field: fn(&mut E) -> &mut Self);

    /// Sets the column of an object that may be pending.
    fn set_pending<E: Entity>(
        src: Src<'_, E>,
        value: Self,
        row: fn(&mut E) -> &mut Self,
        draft: fn(&mut E::Draft) -> &mut Option<Self>,
    );

    /// Sets the deferred column of a persistent object.
    fn set_deferred<E: Entity>(src: Src<'_, E>, value: Self, field: fn(&mut E) -> &mut Deferred<Self>);

    /// Sets the column of a detached value.
    fn set_owned<E: Entity>(row: &mut OwnedRow<E>, column: u16, value: Self, field: fn(&mut E) -> &mut Self);
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> Field for T {
    type Shown<'r> = T::Ref<'r>;

    const IS_NULLABLE: bool = T::NULLABLE;

    const IS_GENERATED: bool = matches!(T::SQL_TYPE, SqlType::SmallInt | SqlType::Integer | SqlType::BigInt);

    const KEY_GENERATION: Generation = if T::IS_GENERATED { Generation::Database } else { Generation::None };

    const COLUMN: ColumnDef = ColumnDef::of_type(T::SQL_TYPE, T::NULLABLE);

    #[inline]
    fn read(&self) -> T::Ref<'_> {
        self.get()
    }

    #[inline]
    fn bound(&self) -> Value {
        self.to_value()
    }

    #[inline]
    fn from_bound(value: &Value) -> Result<Self, DecodeError> {
        T::from_value(value)
    }

    #[inline]
    fn is_same(&self, other: &Self) -> bool {
        self.same(other)
    }

    #[inline]
    fn from_cell(cells: &dyn Cells, position: usize, column: usize) -> Result<Self, ColumnError> {
        decode(cells, position, column)
    }

    fn value_of_cell(raw: Raw<'_>) -> Result<Value, DecodeError> {
        T::decode(raw).map(|value| value.to_value())
    }

    fn of_draft(column: &Option<Self>) -> Option<Value> {
        column.as_ref().map(T::to_value)
    }

    fn required(column: &Option<Self>, position: usize) -> Result<Self, usize> {
        column.clone().ok_or(position)
    }

    fn deferred(column: &Option<Self>) -> Deferred<Self> {
        column.clone().map_or_else(Deferred::not_loaded, Deferred::loaded)
    }

    fn null_if_unset(column: &mut Option<Self>) {
        if column.is_none() && T::NULLABLE {
            *column = T::from_value(&T::null()).ok();
        }
    }

    fn first_version_if_unset(column: &mut Option<Self>) {
        if column.is_none() {
            *column = T::from_value(&Value::BigInt(Some(1))).ok();
        }
    }

    fn of_deferred(column: &Deferred<Self>) -> Option<Value> {
        column.value()
    }

    fn set_in_deferred(column: &mut Deferred<Self>, value: &Value) -> Result<(), DecodeError> {
        column.set_value(value)
    }

    fn is_same_deferred(column: &Deferred<Self>, other: &Deferred<Self>) -> bool {
        column.same(other)
    }

    #[inline]
    fn read_deferred(column: &Deferred<Self>) -> T::Ref<'_> {
        column.expect_loaded().get()
    }

    #[inline]
    fn set<E: Entity>(src: Src<'_, E>, value: Self, field: fn(&mut E) -> &mut Self) {
        src.set(value, field);
    }

    #[inline]
    fn set_pending<E: Entity>(
        src: Src<'_, E>,
        value: Self,
        row: fn(&mut E) -> &mut Self,
        draft: fn(&mut E::Draft) -> &mut Option<Self>,
    ) {
        src.set_pending(value, row, draft);
    }

    #[inline]
    fn set_deferred<E: Entity>(src: Src<'_, E>, value: Self, field: fn(&mut E) -> &mut Deferred<Self>) {
        src.set_deferred(value, field);
    }

    #[inline]
    fn set_owned<E: Entity>(row: &mut OwnedRow<E>, column: u16, value: Self, field: fn(&mut E) -> &mut Self) {
        row.set(column, value, field);
    }
}
