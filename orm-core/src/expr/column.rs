//! A column of an entity, typed: comparisons with values and with other columns.

use std::{fmt, marker::PhantomData};

use crate::{
    entity::Entity,
    value::{ColumnType, IntoColumn},
};

use super::{Comparison, Direction, Node, Operand, OrderBy, Predicate};

/// A column of `E` whose field has the type `T`. The derive makes a constant of each: `User::EMAIL`.
///
/// ```
/// # use orm_core::expr::{Column, Predicate};
/// fn known<E>(email: Column<E, Option<String>>) -> Predicate<E> {
///     email.is_not_null() & email.ends_with("@example.org")
/// }
/// ```
pub struct Column<E, T> {
    position: usize,
    types: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Column<E, T> {
    /// The column at this position of the entity's columns. Generated code calls it.
    #[must_use]
    pub const fn new(position: usize) -> Self {
        Self { position, types: PhantomData }
    }

    /// The position in [`EntityDef::columns`](crate::schema::EntityDef::columns).
    #[must_use]
    pub const fn position(self) -> usize {
        self.position
    }

    pub(super) const fn operand(self) -> Operand {
        Operand::Column(self.position)
    }

    /// The smallest first.
    pub fn asc(self) -> OrderBy<E> {
        OrderBy::new(self.operand(), Direction::Ascending)
    }

    /// The largest first.
    pub fn desc(self) -> OrderBy<E> {
        OrderBy::new(self.operand(), Direction::Descending)
    }
}

impl<E, T: ColumnType> Column<E, T> {
    fn compare(self, comparison: Comparison, value: impl IntoColumn<T>) -> Predicate<E> {
        Predicate::from_node(Node::compare(self.operand(), comparison, value.into_column().to_value()))
    }

    fn compare_column<U>(self, comparison: Comparison, other: Column<E, U>) -> Predicate<E> {
        Predicate::from_node(Node::Compare { left: self.operand(), comparison, right: other.operand() })
    }

    /// Equal to the value. `eq(None)` finds the rows without a value (IS NULL). NaN equals NaN.
    pub fn eq(self, value: impl IntoColumn<T>) -> Predicate<E> {
        self.compare(Comparison::Equal, value)
    }

    /// Not equal to the value. `ne(None)` finds the rows that have a value (IS NOT NULL). As in SQL, `ne(value)` on a
    /// nullable column does not find the rows without a value: add `| column.is_null()` to have them.
    pub fn ne(self, value: impl IntoColumn<T>) -> Predicate<E> {
        self.compare(Comparison::NotEqual, value)
    }

    /// Less than the value. NaN is greater than every number.
    pub fn lt(self, value: impl IntoColumn<T>) -> Predicate<E> {
        self.compare(Comparison::Less, value)
    }

    /// Less than the value or equal to it.
    pub fn le(self, value: impl IntoColumn<T>) -> Predicate<E> {
        self.compare(Comparison::LessOrEqual, value)
    }

    /// Greater than the value.
    pub fn gt(self, value: impl IntoColumn<T>) -> Predicate<E> {
        self.compare(Comparison::Greater, value)
    }

    /// Greater than the value or equal to it.
    pub fn ge(self, value: impl IntoColumn<T>) -> Predicate<E> {
        self.compare(Comparison::GreaterOrEqual, value)
    }

    /// Between two values, both included.
    pub fn between(self, low: impl IntoColumn<T>, high: impl IntoColumn<T>) -> Predicate<E> {
        let (low, high) = (low.into_column().to_value(), high.into_column().to_value());
        Predicate::from_node(Node::Between { operand: self.operand(), low, high })
    }

    /// One of the values, however many. An empty list finds nothing; a `None` in the list finds the rows without a value
    /// (SQL would find nothing for it).
    #[doc(alias = "in")]
    pub fn in_<V: IntoColumn<T>>(self, values: impl IntoIterator<Item = V>) -> Predicate<E> {
        let values = values.into_iter().map(|value| value.into_column().to_value()).collect();
        Predicate::from_node(Node::In { operand: self.operand(), values })
    }

    /// None of the values. An empty list finds everything. As with [`ne`](Self::ne), rows without a value are not found
    /// (unless the list is empty), and a `None` in the list says so explicitly (SQL would find nothing at all for it).
    pub fn not_in<V: IntoColumn<T>>(self, values: impl IntoIterator<Item = V>) -> Predicate<E> {
        self.in_(values).not()
    }

    /// Without a value.
    pub fn is_null(self) -> Predicate<E> {
        Predicate::from_node(Node::IsNull(self.operand()))
    }

    /// With a value.
    pub fn is_not_null(self) -> Predicate<E> {
        self.is_null().not()
    }

    /// Equal to another column of the same row.
    pub fn eq_column<U: Comparable<T>>(self, other: Column<E, U>) -> Predicate<E> {
        self.compare_column(Comparison::Equal, other)
    }

    /// Not equal to another column of the same row; unknown, so not found, where one of them is NULL.
    pub fn ne_column<U: Comparable<T>>(self, other: Column<E, U>) -> Predicate<E> {
        self.compare_column(Comparison::NotEqual, other)
    }

    /// Less than another column of the same row.
    pub fn lt_column<U: Comparable<T>>(self, other: Column<E, U>) -> Predicate<E> {
        self.compare_column(Comparison::Less, other)
    }

    /// Less than another column of the same row, or equal to it.
    pub fn le_column<U: Comparable<T>>(self, other: Column<E, U>) -> Predicate<E> {
        self.compare_column(Comparison::LessOrEqual, other)
    }

    /// Greater than another column of the same row.
    pub fn gt_column<U: Comparable<T>>(self, other: Column<E, U>) -> Predicate<E> {
        self.compare_column(Comparison::Greater, other)
    }

    /// Greater than another column of the same row, or equal to it.
    pub fn ge_column<U: Comparable<T>>(self, other: Column<E, U>) -> Predicate<E> {
        self.compare_column(Comparison::GreaterOrEqual, other)
    }
}

/// Two column types that compare: the same one, nullable or not.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` does not compare with a column of type `{Self}`",
    label = "expected a column of type `{T}`, nullable or not"
)]
pub trait Comparable<T> {}

#[diagnostic::do_not_recommend]
impl<T> Comparable<T> for T {}
#[diagnostic::do_not_recommend]
impl<T> Comparable<Option<T>> for T {}
#[diagnostic::do_not_recommend]
impl<T> Comparable<T> for Option<T> {}

impl<E, T> Clone for Column<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Column<E, T> {}

impl<E: Entity, T> fmt::Debug for Column<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = E::DEF.columns.get(self.position).map_or("?", |column| column.field);
        write!(f, "{}.{field}", E::DEF.name)
    }
}
