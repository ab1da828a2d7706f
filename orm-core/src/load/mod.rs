//! Load states: which relationships and deferred columns an object is known to hold, as a type.
//!
//! Each entity has one flat type (`UserLoad<posts, profile, bio>`) with a *slot* for each relationship and deferred column;
//! the state of a target sits inside the slot. Proofs only grow: [`PutSlot`] and [`Union`] merge, [`AtLeast`] compares.

mod merge;
mod name;
mod narrow;
mod shape;
mod slot;

use crate::{
    entity::Entity,
    handle::{Detacher, OwnedRow, Portable, Sources, Src},
};

pub use merge::{AskedOf, AtLeast, GrowsIn, HasSlot, Lack, MergeSlot, Nested, Nobody, PutSlot, SlotAtLeast, Union};
pub use name::{Name, Named};
pub use narrow::{Narrow, NarrowSlot, NarrowStored};
pub use shape::Shape;
pub use slot::{Loaded, Maybe, Slot, Subset, Unloaded};

/// A load state of `E`: `UserLoad<..>`, or `loaded!(User { posts { author } })`.
pub trait Load<E: Entity>: 'static {
    /// What a [`Detached`](crate::handle::Detached) of this state stores.
    type Owned: Portable;

    /// The state as a value: what is promised to be whole.
    #[doc(hidden)]
    fn shape() -> Shape;

    /// The stored form of a row beside which nothing is loaded; `None` where the state says that something is.
    #[doc(hidden)]
    fn of_row(row: OwnedRow<E>) -> Option<Self::Owned> {
        drop(row);
        None
    }

    #[doc(hidden)]
    fn detach(src: Src<'_, E>, detacher: &mut Detacher) -> Self::Owned;

    #[doc(hidden)]
    fn row(owned: &Self::Owned) -> &OwnedRow<E>;

    #[doc(hidden)]
    fn row_mut(owned: &mut Self::Owned) -> &mut OwnedRow<E>;

    /// Adds what the value holds beside its row to what is merged.
    #[doc(hidden)]
    fn gather(owned: &Self::Owned, node: usize, sources: &mut Sources);
}
