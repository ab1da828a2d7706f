//! Load states: which relationships and deferred columns an object is known to hold, as a type.
//!
//! Each entity has one flat type (`UserLoad<posts, profile, bio>`) with a *slot* for each relationship and deferred column;
//! the state of a target sits inside the slot. Proofs only grow: [`PutSlot`] and [`Union`] merge, [`AtLeast`] compares.
//!
//! A function that reads relationships says which, best by an alias. With [`AtLeast`] it takes whatever holds as much or more, and what
//! holds less is refused in the words of the getter ("`User.posts` is not loaded on this `User`", and how to load it):
//!
//! ```
//! # use orm_core::prelude::*;
//! # #[derive(Entity)] #[orm(table = "users")]
//! # pub struct User { #[orm(primary_key)] id: i64, #[orm(foreign_key = author_id)] posts: HasMany<Post> }
//! # #[derive(Entity)] #[orm(table = "posts")]
//! # pub struct Post { #[orm(primary_key)] id: i64, title: String, author_id: i64, author: BelongsTo<User> }
//! type WithPosts = loaded!(User { posts });
//!
//! fn titles<'s, L: AtLeast<WithPosts> + 'static>(session: &'s Session, user: &Persistent<'s, User, L>) -> Vec<&'s str> {
//!     let user: Persistent<'_, User, WithPosts> = session.narrow(user);
//!     user.posts().into_iter().map(|post| post.title()).collect()
//! }
//!
//! fn count(user: &Detached<User, WithPosts>) -> usize {
//!     user.posts().len()
//! }
//!
//! async fn example(session: &Session) -> Result<(), Error> {
//!     let user = session.get_one::<User>(7).selectin(User::POSTS.joined(Post::AUTHOR)).await?;
//!     let titles = titles(session, &user);
//!     assert_eq!(titles.len(), count(&Detached::narrow(session.detach(&user)?)));
//!     Ok(())
//! }
//! ```

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
