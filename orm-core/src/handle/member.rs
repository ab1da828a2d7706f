//! The other side of a relationship, in any of the forms a program may have it in.

use std::{fmt, marker::PhantomData};

use super::{Detached, Pending, Persistent, Transient};
use crate::{
    entity::{Entity, Key, KeyType},
    identity::AnyMember,
    load::{Load, Loaded, Unloaded},
    relationship::Attribute,
};

/// What can be linked to: a persistent or pending object, a key, a new object. Mixed lists and match arms go through it:
/// `vec![Member::from(&ada), Member::from(Key::new(7))]`.
pub struct Member<E: Entity> {
    inner: AnyMember,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Member<E> {
    fn new(inner: AnyMember) -> Self {
        Self { inner, entity: PhantomData }
    }

    pub(crate) fn into_any(self) -> AnyMember {
        self.inner
    }
}

impl<E: Entity> fmt::Debug for Member<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.inner {
            AnyMember::Object(_) => "object",
            AnyMember::Key(_) => "key",
            AnyMember::New(_) => "new",
        };
        write!(f, "Member<{}>({what})", E::DEF.name)
    }
}

/// Anything that can be the other side of a relationship to `E`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be linked as a `{E}`",
    label = "expected a `{E}`: a builder, a handle, or a key"
)]
pub trait IntoMember<E: Entity> {
    /// What the relationship `M` holds once the owner is inserted: loaded, or not where only a key is known.
    type Slot<M: Attribute>: 'static;

    /// The member.
    fn into_member(self) -> Member<E>;
}

/// The entity that a relationship leads to, and no other.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be linked where a `{E}` is expected",
    label = "expected a `{E}`, found a `{Self}`"
)]
pub trait IsEntity<E: Entity>: Entity {}

impl<E: Entity> IsEntity<E> for E {}

/// An entity whose detached values could be linked: none.
#[diagnostic::on_unimplemented(
    message = "a detached `{Self}` belongs to no session and cannot be linked",
    label = "detached: expected a builder, a handle, or a key",
    note = "link its key: `Key::<{Self}>::new(value.id())`",
    note = "or bring it into the session: `let object = session.merge(value).await?;`"
)]
pub trait LinksDetached {}

// Without any, rustc proposes to write one.
#[diagnostic::do_not_recommend]
impl LinksDetached for fn() {}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoMember<E> for Member<E> {
    type Slot<M: Attribute> = Unloaded<M>;

    fn into_member(self) -> Member<E> {
        self
    }
}

// Of the one entity: `post.set_author(Key::new(7))` is inferred.
#[diagnostic::do_not_recommend]
impl<E: Entity> IntoMember<E> for Key<E> {
    type Slot<M: Attribute> = Unloaded<M>;

    fn into_member(self) -> Member<E> {
        Member::new(AnyMember::Key(self.value().to_values()))
    }
}

impl<E: Entity, F: IsEntity<E>, L: 'static> IntoMember<E> for Transient<F, L> {
    type Slot<M: Attribute> = Loaded<M, L>;

    fn into_member(self) -> Member<E> {
        Member::new(AnyMember::New(Box::new(self)))
    }
}

impl<E: Entity, F: IsEntity<E>, L: 'static> IntoMember<E> for Persistent<'_, F, L> {
    type Slot<M: Attribute> = Loaded<M, L>;

    fn into_member(self) -> Member<E> {
        Member::new(AnyMember::Object(self.src().token()))
    }
}

impl<E: Entity, F: IsEntity<E>, L: 'static> IntoMember<E> for &Persistent<'_, F, L> {
    type Slot<M: Attribute> = Loaded<M, L>;

    fn into_member(self) -> Member<E> {
        (*self).into_member()
    }
}

impl<E: Entity, F: IsEntity<E>> IntoMember<E> for Pending<'_, F> {
    type Slot<M: Attribute> = Loaded<M, F::Bare>;

    fn into_member(self) -> Member<E> {
        Member::new(AnyMember::Object(self.src().token()))
    }
}

impl<E: Entity, F: IsEntity<E>> IntoMember<E> for &Pending<'_, F> {
    type Slot<M: Attribute> = Loaded<M, F::Bare>;

    fn into_member(self) -> Member<E> {
        (*self).into_member()
    }
}

/// Never: what it needs does not hold, and says why.
impl<E: Entity, F: IsEntity<E>, L: Load<F>> IntoMember<E> for Detached<F, L>
where
    F: LinksDetached,
{
    type Slot<M: Attribute> = Unloaded<M>;

    fn into_member(self) -> Member<E> {
        unreachable!("orm bug: a detached value was linked")
    }
}

/// Never, as above.
impl<E: Entity, F: IsEntity<E>, L: Load<F>> IntoMember<E> for &Detached<F, L>
where
    F: LinksDetached,
{
    type Slot<M: Attribute> = Unloaded<M>;

    fn into_member(self) -> Member<E> {
        unreachable!("orm bug: a detached value was linked")
    }
}

macro_rules! member_from {
    ($([$($generics:tt)*] $from:ty;)*) => {$(
        impl<$($generics)*> From<$from> for Member<E> {
            fn from(value: $from) -> Self {
                value.into_member()
            }
        }
    )*};
}

member_from! {
    [E: Entity] Key<E>;
    [E: Entity, L: 'static] Transient<E, L>;
    ['s, E: Entity, L: 'static] Persistent<'s, E, L>;
    ['m, 's, E: Entity, L: 'static] &'m Persistent<'s, E, L>;
    ['s, E: Entity] Pending<'s, E>;
    ['m, 's, E: Entity] &'m Pending<'s, E>;
}
