//! The names of relationships and deferred columns, as types and as constants.

use std::marker::PhantomData;

use super::kind::BareKind;
use crate::entity::Entity;

/// A relationship or deferred column as a type: `User_posts`. Made by the derive.
pub trait Attribute: Copy + Send + Sync + 'static {
    /// The entity that has it.
    type Entity: Entity;

    /// How many there are, and so what a getter gives.
    type Kind: BareKind<Self>;

    /// The field.
    const NAME: &'static str;

    /// The position among the relationships (or the columns, for a deferred column).
    const INDEX: usize;
}

/// A relationship as a type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a column, not a relationship",
    label = "expected a relationship",
    note = "a query selects a deferred column by `undefer`",
    note = "in `loaded!`, a deferred column stands alone: `loaded!(User {{ bio }})`"
)]
pub trait Relation: Attribute {
    /// The entity on the other side.
    type Target: Entity;
}

/// The constant that names a relationship: `User::POSTS`.
pub struct Rel<M>(PhantomData<fn() -> M>);

impl<M> Rel<M> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<M> Clone for Rel<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Rel<M> {}

impl<M: Attribute> std::fmt::Debug for Rel<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", <M::Entity as Entity>::DEF.name, M::NAME)
    }
}

/// The constant that names a deferred column: `User::BIO`. It filters and sorts as any column does (`User::BIO.column()`).
pub struct DeferredColumn<M, T>(PhantomData<fn() -> (M, T)>);

impl<M, T> DeferredColumn<M, T> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<M: Attribute, T> DeferredColumn<M, T> {
    /// The column, to filter and sort by.
    #[must_use]
    pub const fn column(self) -> crate::expr::Column<M::Entity, T> {
        crate::expr::Column::new(M::INDEX)
    }
}

impl<M, T> Clone for DeferredColumn<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for DeferredColumn<M, T> {}
