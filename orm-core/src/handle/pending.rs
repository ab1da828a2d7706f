//! An object that was added and has no row yet.

use std::{fmt, ops::Deref};

use super::Src;
use crate::entity::Entity;

/// An object that the next flush inserts, unless `session.withdraw` takes it back: SQLAlchemy's *pending* state. What the program set can be read and set; what the
/// database makes (a generated key, a server default) does not compile until then:
/// `session.flush().await?; let user = session.persisted(&pending)?`.
pub struct Pending<'s, E: Entity> {
    src: Src<'s, E>,
}

impl<'s, E: Entity> Pending<'s, E> {
    pub(crate) fn new(src: Src<'s, E>) -> Self {
        Self { src }
    }

    pub(crate) fn src(&self) -> Src<'s, E> {
        self.src
    }
}

impl<'s, E: Entity> Deref for Pending<'s, E> {
    type Target = E::PendingView<'s>;

    fn deref(&self) -> &Self::Target {
        E::pending_view(&self.src)
    }
}

impl<E: Entity> Clone for Pending<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Entity> Copy for Pending<'_, E> {}

impl<E: Entity> PartialEq for Pending<'_, E> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.src.slot, other.src.slot)
    }
}

impl<E: Entity> Eq for Pending<'_, E> {}

impl<E: Entity> fmt::Debug for Pending<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (pending)", E::DEF.name)
    }
}
