//! `User::update()` and `User::delete()`: statements over all rows that match, as values.

use std::{fmt, marker::PhantomData};

use crate::{
    entity::Entity,
    expr::{Column, Expression, Node, Predicate, Scalar},
    value::{ColumnType, IntoColumn},
};

/// An UPDATE of every row of `E` that matches, without reading it first: from `User::update()`, run by
/// [`Session::update`](crate::session::Session::update) or [`Database::update`](crate::database::Database::update).
///
/// ```
/// # use orm_core::prelude::*;
/// # #[derive(Entity)]
/// # #[orm(table = "accounts")]
/// # pub struct Account { #[orm(primary_key)] id: i64, owner: String, balance: i64, note: Option<String> }
/// let withdrawal = Account::update()
///     .filter(Account::OWNER.eq("Ada") & Account::BALANCE.ge(100))
///     .set(Account::NOTE, "rent")
///     .set_expr(Account::BALANCE, Account::BALANCE - 100);
/// ```
///
/// Without a filter it is every row. A version column is counted up and `on_update` columns are assigned, unless they are set here.
#[must_use = "nothing is changed until a session or a database runs it"]
pub struct Update<E> {
    pub(crate) filter: Node,
    pub(crate) set: Vec<(usize, Scalar)>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Update<E> {
    pub(crate) fn new() -> Self {
        Self { filter: Node::always(), set: Vec::new(), entity: PhantomData }
    }

    /// Only rows that match; several filters must all match.
    pub fn filter(mut self, predicate: Predicate<E>) -> Self {
        self.filter = self.filter.and(predicate.into_node());
        self
    }

    /// Sets a column to a value; of two for one column the last counts.
    pub fn set<T: ColumnType>(self, column: Column<E, T>, value: impl IntoColumn<T>) -> Self {
        self.put(column.position(), Scalar::Value(value.into_column().to_value()))
    }

    /// Sets a column to what the database calculates of the row as it was.
    pub fn set_expr<T>(self, column: Column<E, T>, expression: impl Into<Expression<E, T>>) -> Self {
        self.put(column.position(), expression.into().into_scalar())
    }

    fn put(mut self, column: usize, scalar: Scalar) -> Self {
        match self.set.iter_mut().find(|(known, _)| *known == column) {
            Some((_, known)) => *known = scalar,
            None => self.set.push((column, scalar)),
        }
        self
    }
}

/// A DELETE of every row of `E` that matches, without reading it first: from `User::delete()`, run by
/// [`Session::delete_where`](crate::session::Session::delete_where) or
/// [`Database::delete_where`](crate::database::Database::delete_where). A [`Predicate`] is one, too.
///
/// Cascades of relationships do not count: what the database's own constraints do, and no more.
#[must_use = "nothing is deleted until a session or a database runs it"]
pub struct Delete<E> {
    pub(crate) filter: Node,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Delete<E> {
    pub(crate) fn new() -> Self {
        Self { filter: Node::always(), entity: PhantomData }
    }

    /// Only rows that match; several filters must all match.
    pub fn filter(mut self, predicate: Predicate<E>) -> Self {
        self.filter = self.filter.and(predicate.into_node());
        self
    }
}

impl<E: Entity> From<Predicate<E>> for Delete<E> {
    fn from(predicate: Predicate<E>) -> Self {
        Self::new().filter(predicate)
    }
}

impl<E> Clone for Update<E> {
    fn clone(&self) -> Self {
        Self { filter: self.filter.clone(), set: self.set.clone(), entity: PhantomData }
    }
}

impl<E> Clone for Delete<E> {
    fn clone(&self) -> Self {
        Self { filter: self.filter.clone(), entity: PhantomData }
    }
}

impl<E: Entity> fmt::Debug for Update<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set: Vec<&str> = self.set.iter().map(|(column, _)| E::DEF.columns[*column].field).collect();
        f.debug_struct("Update").field("entity", &E::DEF.name).field("set", &set).finish_non_exhaustive()
    }
}

impl<E: Entity> fmt::Debug for Delete<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delete").field("entity", &E::DEF.name).finish_non_exhaustive()
    }
}
