//! Attributes of one entity, whatever they are: columns, deferred columns, relationships.

use std::marker::PhantomData;

use super::{Attribute, DeferredColumn, Rel, Relation};
use crate::{entity::Entity, expr::Column};

/// Some columns and relationships of `E`: what [`IntoAttributes`] makes. They can be collected (`extend`) where a program decides at
/// run time.
pub struct Attributes<E> {
    pub(crate) columns: Vec<usize>,
    pub(crate) relations: Vec<usize>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Attributes<E> {
    /// No attribute.
    #[must_use]
    pub const fn none() -> Self {
        Self { columns: Vec::new(), relations: Vec::new(), entity: PhantomData }
    }

    /// These, and those.
    #[must_use]
    pub fn and(mut self, others: impl IntoAttributes<E>) -> Self {
        others.add_to(&mut self);
        self
    }

    fn add_column(&mut self, column: usize) {
        if !self.columns.contains(&column) {
            self.columns.push(column);
        }
    }

    fn add_relation(&mut self, relation: usize) {
        if !self.relations.contains(&relation) {
            self.relations.push(relation);
        }
    }
}

impl<E: Entity> std::fmt::Debug for Attributes<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns = self.columns.iter().map(|at| E::DEF.columns[*at].field);
        let relations = self.relations.iter().map(|at| E::DEF.relations[*at].name);
        f.debug_set().entries(columns.chain(relations)).finish()
    }
}

/// What names attributes of `E`: a column (`User::NAME`), a deferred column, a relationship, several of one type in an array, several
/// of any type in a tuple: `(User::NAME, User::NICK, User::POSTS)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name attributes of `{E}`",
    label = "expected columns or relationships of `{E}`: `{E}::NAME`, `({E}::NAME, {E}::POSTS)`"
)]
pub trait IntoAttributes<E: Entity> {
    #[doc(hidden)]
    fn add_to(self, attributes: &mut Attributes<E>);
}

/// The entity whose attributes are asked for, and no other.
#[diagnostic::on_unimplemented(
    message = "an attribute of `{Self}` is named where attributes of `{E}` are expected",
    label = "expected an attribute of `{E}`, found one of `{Self}`"
)]
pub trait HasAttributesOf<E: Entity>: Entity {}

#[diagnostic::do_not_recommend]
impl<E: Entity> HasAttributesOf<E> for E {}

impl<E: Entity, F: HasAttributesOf<E>, T> IntoAttributes<E> for Column<F, T> {
    fn add_to(self, attributes: &mut Attributes<E>) {
        attributes.add_column(self.position());
    }
}

impl<E: Entity, M: Attribute<Entity: HasAttributesOf<E>>, T> IntoAttributes<E> for DeferredColumn<M, T> {
    fn add_to(self, attributes: &mut Attributes<E>) {
        attributes.add_column(M::INDEX);
    }
}

impl<E: Entity, M: Relation<Entity: HasAttributesOf<E>>> IntoAttributes<E> for Rel<M> {
    fn add_to(self, attributes: &mut Attributes<E>) {
        attributes.add_relation(M::INDEX);
    }
}

impl<E: Entity> IntoAttributes<E> for Attributes<E> {
    fn add_to(self, attributes: &mut Attributes<E>) {
        self.columns.into_iter().for_each(|column| attributes.add_column(column));
        self.relations.into_iter().for_each(|relation| attributes.add_relation(relation));
    }
}

impl<E: Entity, A: IntoAttributes<E>, const N: usize> IntoAttributes<E> for [A; N] {
    fn add_to(self, attributes: &mut Attributes<E>) {
        self.into_iter().for_each(|attribute| attribute.add_to(attributes));
    }
}

macro_rules! tuples {
    ($($first:ident $($rest:ident)*)?) => {$(
        impl<E: Entity, $first: IntoAttributes<E>, $($rest: IntoAttributes<E>),*> IntoAttributes<E> for ($first, $($rest,)*) {
            fn add_to(self, attributes: &mut Attributes<E>) {
                #[expect(non_snake_case, reason = "named after the types")]
                let ($first, $($rest,)*) = self;
                $first.add_to(attributes);
                $($rest.add_to(attributes);)*
            }
        }
        tuples!($($rest)*);
    )?};
}

tuples!(A B C D F G H I J K L M);
