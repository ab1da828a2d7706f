//! How a detached value's relationship is read.

use std::sync::Arc;

use super::{Detached, List, Portable};
use crate::{entity::Entity, load::Load};

/// What a detached value stores for a relationship, and what its getter gives.
pub trait Stored: Portable {
    /// `&[Detached<..>]` for a to-many, `&Detached<..>` or an `Option` of it for a to-one.
    type Read<'r>;

    #[doc(hidden)]
    fn read(&self) -> Self::Read<'_>;
}

impl Stored for () {
    type Read<'r> = ();

    fn read(&self) -> Self::Read<'_> {}
}

impl<E: Entity, L: Load<E>> Stored for List<E, L> {
    type Read<'r> = &'r [Detached<E, L>];

    fn read(&self) -> Self::Read<'_> {
        self.members()
    }
}

impl<E: Entity, L: Load<E>> Stored for Arc<Detached<E, L>> {
    type Read<'r> = &'r Detached<E, L>;

    fn read(&self) -> Self::Read<'_> {
        self
    }
}

impl<T: Stored> Stored for Option<T> {
    type Read<'r> = Option<T::Read<'r>>;

    fn read(&self) -> Self::Read<'_> {
        self.as_ref().map(T::read)
    }
}
