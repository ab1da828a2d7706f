//! From a detached value that holds more to one that is known to hold less. More never follows from less.

use std::sync::Arc;

use super::{
    AskedOf, Lack, Load, Slot,
    slot::{Loaded, Maybe, Subset, Unloaded},
};
use crate::{
    entity::Entity,
    handle::{Detached, List, Stored},
};

/// A load state whose detached values can be narrowed to those of `Less`. Made by the derive, slot by slot.
#[diagnostic::on_unimplemented(
    message = "a value that holds `{Self}` cannot be narrowed to `{Less}`",
    label = "holds less than is asked for",
    note = "narrowing only forgets: load what is missing with the query, or while attached with `session.load(&object, ..)`"
)]
pub trait Narrow<E: Entity, Less: Load<E>>: Load<E> {
    #[doc(hidden)]
    fn narrow(owned: Self::Owned) -> Less::Owned;
}

/// One slot of that.
#[diagnostic::on_unimplemented(
    message = "this needs `{Less}`, and the value does not hold it",
    label = "holds only `{Self}`",
    note = "load it with the query, or while attached with `session.load(&object, ..)`"
)]
pub trait NarrowSlot<Less: Slot>: Slot {
    #[doc(hidden)]
    fn narrow(owned: Self::Owned) -> Less::Owned;
}

/// Never holds. It stands for two things: the words of the attribute, and that `Unloaded` has more than one way to be narrowed, so that
/// what is asked for is taken from the signature and not guessed.
impl<M, N: 'static> NarrowSlot<Loaded<M, N>> for Unloaded<M>
where
    Self: Slot,
    M: AskedOf<Lack<Self, N>>,
    Loaded<M, N>: Slot,
{
    fn narrow(_: Self::Owned) -> <Loaded<M, N> as Slot>::Owned {
        unreachable!("orm bug: nothing is loaded")
    }
}

/// The stored form of one relationship, narrowed.
pub trait NarrowStored<Less>: Stored {
    #[doc(hidden)]
    fn narrow(self) -> Less;
}

impl NarrowStored<()> for () {
    fn narrow(self) {}
}

impl<E: Entity, L: Narrow<E, M>, M: Load<E>> NarrowStored<List<E, M>> for List<E, L> {
    fn narrow(self) -> List<E, M> {
        self.map(Detached::narrow)
    }
}

impl<E: Entity, L: Narrow<E, M>, M: Load<E>> NarrowStored<Arc<Detached<E, M>>> for Arc<Detached<E, L>> {
    fn narrow(self) -> Arc<Detached<E, M>> {
        Arc::new(Detached::narrow(Detached::clone(&self)))
    }
}

impl<T: NarrowStored<U>, U> NarrowStored<Option<U>> for Option<T> {
    fn narrow(self) -> Option<U> {
        self.map(T::narrow)
    }
}

macro_rules! narrow_to_not_loaded {
    ($([$($generics:ident),*] $from:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<M, $($generics),*> NarrowSlot<Unloaded<M>> for $from
        where
            Self: Slot,
            Unloaded<M>: Slot<Owned = ()>,
        {
            fn narrow(_: Self::Owned) {}
        }
    )*};
}

narrow_to_not_loaded! {
    [] Unloaded<M>;
    [N] Loaded<M, N>;
    [N] Subset<M, N>;
    [N] Maybe<M, N>;
}

macro_rules! narrow_alike {
    ($($slot:ident;)*) => {$(
        impl<M, A, B> NarrowSlot<$slot<M, B>> for $slot<M, A>
        where
            Self: Slot,
            $slot<M, B>: Slot,
            Self::Owned: NarrowStored<<$slot<M, B> as Slot>::Owned>,
        {
            fn narrow(owned: Self::Owned) -> <$slot<M, B> as Slot>::Owned {
                owned.narrow()
            }
        }
    )*};
}

narrow_alike! {
    Loaded;
    Subset;
    Maybe;
}

#[diagnostic::do_not_recommend]
impl<M, A, B> NarrowSlot<Maybe<M, B>> for Loaded<M, A>
where
    Self: Slot,
    Maybe<M, B>: Slot<Owned = Option<<Loaded<M, B> as Slot>::Owned>>,
    Loaded<M, B>: Slot,
    Self::Owned: NarrowStored<<Loaded<M, B> as Slot>::Owned>,
{
    fn narrow(owned: Self::Owned) -> Option<<Loaded<M, B> as Slot>::Owned> {
        Some(owned.narrow())
    }
}
