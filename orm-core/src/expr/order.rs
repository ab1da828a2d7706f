//! What a query's rows are sorted by.

use std::{fmt, marker::PhantomData};

use super::{Operand, RawFragment};

/// A column and a direction, made by `asc` and `desc` of a column.
#[must_use = "an order does nothing until a query sorts by it"]
pub struct OrderBy<E> {
    node: OrderNode,
    entity: PhantomData<fn() -> E>,
}

/// The untyped form of an [`OrderBy`].
#[derive(Clone, Debug)]
pub struct OrderNode {
    /// What is sorted by.
    pub key: OrderKey,
    /// Upwards or downwards.
    pub direction: Direction,
    /// Where NULLs go; where the database puts them unless said.
    pub nulls: Nulls,
}

/// What a row is sorted by.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum OrderKey {
    /// A column, or a function of one.
    Operand(Operand),
    /// SQL as it is.
    Raw(RawFragment),
}

/// Upwards or downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The smallest first.
    Ascending,
    /// The largest first.
    Descending,
}

/// Where NULLs go among the sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nulls {
    /// Where the database puts them: on PostgreSQL after the largest, on SQLite before the smallest.
    #[default]
    Default,
    /// Before all values.
    First,
    /// After all values.
    Last,
}

impl OrderNode {
    /// By one column.
    #[must_use]
    pub const fn column(position: usize, direction: Direction) -> Self {
        Self { key: OrderKey::Operand(Operand::Column(position)), direction, nulls: Nulls::Default }
    }
}

impl<E> OrderBy<E> {
    pub(super) fn new(operand: Operand, direction: Direction) -> Self {
        let node = OrderNode { key: OrderKey::Operand(operand), direction, nulls: Nulls::Default };
        Self { node, entity: PhantomData }
    }

    /// By SQL as it is, with `?` and `{field}` as in [`Predicate::raw`](super::Predicate::raw).
    pub fn raw(sql: &'static str, values: impl IntoIterator<Item = crate::value::Value>, direction: Direction) -> Self {
        let key = OrderKey::Raw(RawFragment::new(sql, values));
        Self { node: OrderNode { key, direction, nulls: Nulls::Default }, entity: PhantomData }
    }

    /// Rows without a value come first.
    pub fn nulls_first(mut self) -> Self {
        self.node.nulls = Nulls::First;
        self
    }

    /// Rows without a value come last.
    pub fn nulls_last(mut self) -> Self {
        self.node.nulls = Nulls::Last;
        self
    }

    /// The untyped form.
    #[must_use]
    pub fn node(&self) -> &OrderNode {
        &self.node
    }

    /// The untyped form, taken out.
    #[must_use]
    pub fn into_node(self) -> OrderNode {
        self.node
    }
}

impl<E> Clone for OrderBy<E> {
    fn clone(&self) -> Self {
        Self { node: self.node.clone(), entity: PhantomData }
    }
}

impl<E> fmt::Debug for OrderBy<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OrderBy").field(&self.node).finish()
    }
}
