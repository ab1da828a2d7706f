//! The primary key as a value that survives everything.

use std::{fmt, hash::Hash};

use super::Entity;
use crate::{
    handle::Persistent,
    value::{ColumnType, DecodeError, Value},
};

/// What a primary key is made of: one column's type, or the derive's struct of several.
pub trait KeyType: Clone + Eq + Hash + fmt::Debug + Send + Sync + 'static {
    /// One value for each column of the key.
    fn to_values(&self) -> Vec<Value>;

    /// The key out of one value for each column.
    ///
    /// # Errors
    /// When a value is null or of another type.
    fn from_values(values: &[Value]) -> Result<Self, DecodeError>;

    /// The key as the database keeps it: moments are cut to microseconds.
    #[must_use]
    fn kept(self) -> Self {
        Self::from_values(&self.to_values()).unwrap_or(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType + Eq + Hash + fmt::Debug> KeyType for T {
    fn to_values(&self) -> Vec<Value> {
        vec![self.to_value()]
    }

    fn from_values(values: &[Value]) -> Result<Self, DecodeError> {
        match values {
            [value] => T::from_value(value),
            _ => Err(DecodeError::new(format!("a key of one column, got {} values", values.len()))),
        }
    }

    #[inline]
    fn kept(self) -> Self {
        ColumnType::kept(self)
    }
}

/// The identity of one object: entity and primary key. `'static`, `Copy` where the key's type is; it survives commit,
/// rollback and the session, crosses tasks, and `session.get(key)` turns it into a handle again.
///
/// ```
/// # use orm_core::prelude::*;
/// # #[derive(Entity)]
/// # #[orm(table = "users")]
/// # struct User { #[orm(primary_key)] id: i64, name: String }
/// # async fn example(session: &mut Session) -> Result<(), Error> {
/// let user = session.get_one::<User>(7).await?;
/// let key = Key::of(&user);
/// session.commit().await?; // the handle ends here
/// let user = session.get_one(key).await?;
/// # Ok(())
/// # }
/// ```
pub struct Key<E: Entity>(E::Key);

impl<E: Entity> Key<E> {
    /// The identity of this object.
    #[must_use]
    pub fn of<L: 'static>(object: &Persistent<'_, E, L>) -> Self {
        Self(object.key_value())
    }

    /// The key with this value.
    pub const fn new(value: E::Key) -> Self {
        Self(value)
    }

    /// The value of the key.
    pub const fn value(&self) -> &E::Key {
        &self.0
    }

    /// The value of the key, taken out.
    pub fn into_value(self) -> E::Key {
        self.0
    }
}

impl<E: Entity> Clone for Key<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: Entity> Copy for Key<E> where E::Key: Copy {}

impl<E: Entity> PartialEq for Key<E> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<E: Entity> Eq for Key<E> {}

impl<E: Entity> Hash for Key<E> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<E: Entity> fmt::Debug for Key<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{:?}]", E::DEF.name, self.0)
    }
}

/// What names one object of `E`: a [`Key`], or the plain value of its primary key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key of `{E}`",
    label = "expected a key of `{E}`",
    note = "give the value of the primary key, or a `Key<{E}>`"
)]
pub trait IntoKey<E: Entity> {
    /// The value of the key.
    fn into_key(self) -> E::Key;
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoKey<E> for Key<E> {
    fn into_key(self) -> E::Key {
        self.0.kept()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoKey<E> for &Key<E> {
    fn into_key(self) -> E::Key {
        self.0.clone().kept()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, L: 'static> IntoKey<E> for &Persistent<'_, E, L> {
    fn into_key(self) -> E::Key {
        self.key_value()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, L: 'static> IntoKey<E> for Persistent<'_, E, L> {
    fn into_key(self) -> E::Key {
        self.key_value()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity<Key = K>, K: KeyType> IntoKey<E> for K {
    fn into_key(self) -> K {
        KeyType::kept(self)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity<Key = String>> IntoKey<E> for &str {
    fn into_key(self) -> String {
        self.to_owned()
    }
}
