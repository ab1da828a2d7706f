//! Detached values that come back as text: whose word they are.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Detached, ReadDetached};
use crate::{entity::Entity, load::Load};

/// A detached value out of a cache of the program's own: what `Deserialize` reads of a [`Detached`].
///
/// Its keys, columns and lists are the word of whoever wrote the text. [`vouch`](Self::vouch) says that this was the program, and gives the
/// value, which can then be read, attached and merged. Never take one from a client, who writes what it likes: the body of a PATCH is a
/// [`Patch`](crate::entity::Patch), and any other body a struct of your own.
///
/// ```
/// # use orm_core::prelude::*;
/// # #[derive(Entity)] #[orm(table = "users", deserialize)]
/// # pub struct User { #[orm(primary_key)] id: i64, name: String }
/// fn write(user: Detached<User>) -> serde_json::Result<String> {
///     serde_json::to_string(&Cached::from(user))
/// }
///
/// fn read(text: &str) -> serde_json::Result<Detached<User>> {
///     Ok(serde_json::from_str::<Cached<Detached<User>>>(text)?.vouch())
/// }
/// ```
#[derive(Clone)]
pub struct Cached<V>(V);

impl<E: Entity, L: Load<E>> Cached<Detached<E, L>> {
    /// The value. The program says that it wrote the text itself, so that the value is what a query once gave.
    #[must_use]
    pub fn vouch(self) -> Detached<E, L> {
        self.0
    }
}

impl<E: Entity, L: Load<E>> From<Detached<E, L>> for Cached<Detached<E, L>> {
    fn from(value: Detached<E, L>) -> Self {
        Self(value)
    }
}

impl<V: fmt::Debug> fmt::Debug for Cached<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cached").field(&self.0).finish()
    }
}

impl<V: Serialize> Serialize for Cached<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, E: ReadDetached<'de, L>, L: Load<E>> Deserialize<'de> for Cached<Detached<E, L>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        E::read(deserializer).map(Detached::from_owned).map(Self)
    }
}

/// An entity whose detached values anybody could send: none.
#[diagnostic::on_unimplemented(
    message = "a detached `{Self}` is not read from text that anybody can send",
    label = "its keys and columns would be whatever the sender wrote",
    note = "the body of a PATCH is `Patch<{Self}>`, then `patch.only(({Self}::..,))?`; any other body is a struct of your own",
    note = "out of a cache of your own: `Cached<Detached<{Self}>>`, then `.vouch()`"
)]
pub trait ReadByClients {}

// Without any, rustc proposes to write one.
#[diagnostic::do_not_recommend]
impl ReadByClients for fn() {}

/// Never: what it needs does not hold, and says why.
impl<'de, E: Entity + ReadByClients, L: Load<E>> Deserialize<'de> for Detached<E, L> {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        unreachable!("orm bug: a detached value was read from anywhere")
    }
}
