//! What a user holds: persistent and pending objects that borrow the session, detached ones that own what they show.

#[cfg(feature = "serde")]
mod cached;
mod detached;
mod list;
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

#[cfg(feature = "serde")]
pub use cached::{Cached, ReadByClients};
pub use detached::{Detached, Detacher, OwnedRow, Portable};
pub(crate) use list::Came;
pub use list::{HoldsList, List};
#[doc(hidden)]
pub use list::{add_to_list, clear_list, members_mut, remove_from_list};
pub use many::{Iter, Many};
pub use member::{IntoMember, IsEntity, LinksDetached, Member};
pub(crate) use mergeable::AnyTarget;
pub use mergeable::{Attachable, ChangeTarget, Mergeable, MergesHandles, Target};

pub use crate::identity::Sources;
pub use pending::Pending;
pub use persistent::Persistent;
#[cfg(feature = "serde")]
pub use read::{ReadDeferred, ReadDetached, ReadSlot, ReadStored, read_row};
pub use src::Src;
pub use stored::Stored;
pub use transient::{Initial, IntoTransient, Set, Transient, members};
