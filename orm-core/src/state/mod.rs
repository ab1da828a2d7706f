//! The state of one object: its row and the versions of it, its relationships, and where it is in its life.

mod any_store;
mod expired;
mod extra;
mod life;
mod link;
mod savepoint;
mod slot;
mod store;

pub(crate) use any_store::{Absorb, AnyStore, Brought, RowChanges, Status};
pub(crate) use expired::{Expire, same_transaction};
pub(crate) use extra::Extra;
pub(crate) use life::{Event, Life};
pub(crate) use link::{Link, Targets};
pub(crate) use slot::Mark;
pub(crate) use slot::Slot;
pub(crate) use store::Store;

/// Makes what a session keeps for an entity: named by [`EntityDef::new_store`](crate::schema::EntityDef).
#[doc(hidden)]
#[must_use]
pub fn new_store<E: crate::entity::Entity>() -> Box<dyn std::any::Any + Send + Sync> {
    let store: Box<dyn AnyStore> = Box::new(Store::<E>::new());
    Box::new(store)
}
