//! The other side of a relationship, in any of the forms a program may have it in.

use std::{fmt, marker::PhantomData};

use super::{Pending, Persistent, Transient};
use crate::{
    entity::{Entity, Key, KeyType},
    identity::AnyMember,
    load::{Loaded, NotLoaded},
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
    label = "expected a `{E}`: a builder, a handle, or a key",
    note = "a detached value is linked by its key (`Key::<{E}>::new(value.id())`), or merged first"
)]
pub trait IntoMember<E: Entity> {
    /// What the relationship `M` holds once the owner is inserted: loaded, or not where only a key is known.
    type Slot<M: Attribute>: 'static;

    /// The member.
    fn into_member(self) -> Member<E>;
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoMember<E> for Member<E> {
    type Slot<M: Attribute> = NotLoaded<M>;

    fn into_member(self) -> Member<E> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoMember<E> for Key<E> {
    type Slot<M: Attribute> = NotLoaded<M>;

    fn into_member(self) -> Member<E> {
        Member::new(AnyMember::Key(self.value().to_values()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, L: 'static> IntoMember<E> for Transient<E, L> {
    type Slot<M: Attribute> = Loaded<M, L>;

    fn into_member(self) -> Member<E> {
        Member::new(AnyMember::New(Box::new(self)))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, L: 'static> IntoMember<E> for Persistent<'_, E, L> {
    type Slot<M: Attribute> = Loaded<M, L>;

    fn into_member(self) -> Member<E> {
        Member::new(AnyMember::Object(self.src().token()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, L: 'static> IntoMember<E> for &Persistent<'_, E, L> {
    type Slot<M: Attribute> = Loaded<M, L>;

    fn into_member(self) -> Member<E> {
        (*self).into_member()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoMember<E> for Pending<'_, E> {
    type Slot<M: Attribute> = Loaded<M, E::Bare>;

    fn into_member(self) -> Member<E> {
        Member::new(AnyMember::Object(self.src().token()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoMember<E> for &Pending<'_, E> {
    type Slot<M: Attribute> = Loaded<M, E::Bare>;

    fn into_member(self) -> Member<E> {
        (*self).into_member()
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
