//! What a user holds: persistent and pending objects that borrow the session, detached ones that own what they show.

mod detached;
mod many;
mod member;
mod mergeable;
mod pending;
mod persistent;
#[cfg(feature = "serde")]
mod read;
mod src;
mod stored;
mod transient;

pub use detached::{Detached, Detacher, OwnedRow, Portable};
pub use many::{Iter, Many};
pub use member::{IntoMember, IsEntity, LinksDetached, Member};
pub(crate) use mergeable::AnyTarget;
pub use mergeable::{Attachable, ChangeTarget, Mergeable, MergesHandles, Target};

pub use crate::identity::Sources;
pub use pending::Pending;
pub use persistent::Persistent;
#[cfg(feature = "serde")]
pub use read::{ReadDeferred, ReadDetached, ReadSlot, read_row};
pub use src::Src;
pub use stored::Stored;
pub use transient::{Initial, IntoTransient, Set, Transient, members};
