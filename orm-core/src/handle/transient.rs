//! A new object that no session knows yet: what a builder makes.

use std::{fmt, marker::PhantomData};

use super::{IntoMember, Member};
use crate::{
    entity::{Draft, Entity},
    identity::{AnyMember, AnyTransient, IdentityMap, ObjectRef},
    schema::EntityDef,
    value::Value,
};

/// An object that is in no session and has no row: SQLAlchemy's *transient* state. A builder makes it
/// (`User::builder()….build()`), with whatever it is linked to.
pub struct Transient<E: Entity, L = <E as Entity>::Bare> {
    draft: Box<E::Draft>,
    links: Links,
    load: PhantomData<fn() -> L>,
}

impl<E: Entity, L: 'static> Transient<E, L> {
    #[doc(hidden)]
    #[must_use]
    pub fn new() -> Self {
        Self { draft: Box::default(), links: Links::default(), load: PhantomData }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn draft_mut(&mut self) -> &mut E::Draft {
        &mut self.draft
    }

    #[doc(hidden)]
    #[must_use]
    pub fn draft(&self) -> &E::Draft {
        &self.draft
    }

    /// Links to these members, on top of those it has.
    #[doc(hidden)]
    pub fn link<T: Entity>(&mut self, relation: usize, members: impl IntoIterator<Item = Member<T>>) {
        let members = members.into_iter().map(Member::into_any);
        match self.links.0.iter_mut().find(|(known, _)| *known == relation) {
            Some((_, list)) => list.extend(members),
            None => self.links.0.push((relation, members.collect())),
        }
    }

    /// What is set, defaults included, and what it is linked to.
    pub(crate) fn into_parts(mut self) -> (Box<E::Draft>, Vec<(usize, Vec<AnyMember>)>) {
        self.draft.apply_defaults();
        (self.draft, std::mem::take(&mut self.links.0))
    }

    /// The same object, of which another load state is known.
    #[doc(hidden)]
    #[must_use]
    pub fn retype<M: 'static>(self) -> Transient<E, M> {
        Transient { draft: self.draft, links: self.links, load: PhantomData }
    }
}

impl<E: Entity, L: 'static> Default for Transient<E, L> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Entity, L> fmt::Debug for Transient<E, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (transient)", E::DEF.name)
    }
}

impl<E: Entity, L: 'static> AnyTransient for Transient<E, L> {
    fn attach(self: Box<Self>, map: &IdentityMap) -> (ObjectRef, Vec<(usize, Vec<AnyMember>)>) {
        let (draft, links) = self.into_parts();
        let slot = map.store::<E>().add_pending(draft);
        (IdentityMap::object(E::DEF, slot.index()), links)
    }

    fn into_source(mut self: Box<Self>) -> (&'static EntityDef, Vec<(usize, Value)>, Vec<(usize, Vec<AnyMember>)>) {
        let set = |column| Some((column, self.draft.value(column)?));
        let values = (0..E::DEF.columns.len()).filter_map(set).collect();
        (E::DEF, values, std::mem::take(&mut self.links.0))
    }

    fn take_members(&mut self, into: &mut Vec<AnyMember>) {
        into.extend(std::mem::take(&mut self.links.0).into_iter().flat_map(|(_, members)| members));
    }
}

/// The members of a new object's relationships, with whatever those bring along: dropped without recursion, however deep it is.
#[derive(Default)]
struct Links(Vec<(usize, Vec<AnyMember>)>);

impl Drop for Links {
    fn drop(&mut self) {
        let mut members: Vec<AnyMember> =
            std::mem::take(&mut self.0).into_iter().flat_map(|(_, members)| members).collect();
        while let Some(member) = members.pop() {
            if let AnyMember::New(mut transient) = member {
                transient.take_members(&mut members);
            }
        }
    }
}

/// What `add` and `insert` take: a builder in which every required column is set, or a [`Transient`]. `L` is what the new object
/// is known to hold once it is inserted: a parameter and not an associated type, so that what is lacking is said once, at the
/// builder.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a new `{E}`",
    label = "expected `{E}::builder()…` with every required column set, or a `Transient<{E}>`"
)]
pub trait IntoTransient<E: Entity, L: 'static> {
    /// The new object.
    fn into_transient(self) -> Transient<E, L>;
}

impl<E: Entity, L: 'static> IntoTransient<E, L> for Transient<E, L> {
    fn into_transient(self) -> Self {
        self
    }
}

#[doc(hidden)]
pub fn members<E: Entity, C: IntoMember<E>>(members: impl IntoIterator<Item = C>) -> impl Iterator<Item = Member<E>> {
    members.into_iter().map(IntoMember::into_member)
}

/// A required column of a builder that is set.
#[derive(Debug)]
pub enum Set {}

/// A column of a builder that is not set; that is well where the column is nullable.
#[derive(Debug)]
pub enum Initial<const NULLABLE: bool> {}
