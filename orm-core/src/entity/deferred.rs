//! A column that is not selected unless asked for.

use std::{fmt, sync::Arc};

use crate::value::{ColumnType, DecodeError, Value};

/// The type of a field whose column is left out of every SELECT until it is asked for:
/// `User::select().undefer(User::BIO)`, or `session.load(&user, User::BIO)`.
///
/// SQLAlchemy's `deferred()`. The loaded value is shared, not copied, between the versions of a row.
pub struct Deferred<T>(Option<Arc<T>>);

impl<T> Deferred<T> {
    /// Not loaded.
    #[must_use]
    pub const fn not_loaded() -> Self {
        Self(None)
    }

    /// Loaded, with this value.
    #[must_use]
    pub fn loaded(value: T) -> Self {
        Self(Some(Arc::new(value)))
    }

    /// The value, where it is loaded.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }
}

impl<T: ColumnType> Deferred<T> {
    #[doc(hidden)]
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        self.get().map(T::to_value)
    }

    #[doc(hidden)]
    pub fn set_value(&mut self, value: &Value) -> Result<(), DecodeError> {
        *self = Self::loaded(T::from_value(value)?);
        Ok(())
    }

    #[doc(hidden)]
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (self.get(), other.get()) {
            (Some(a), Some(b)) => a.same(b),
            (None, None) => true,
            _ => false,
        }
    }

    /// The loaded value behind a getter whose load state says that it is there.
    #[doc(hidden)]
    #[must_use]
    pub fn expect_loaded(&self) -> &T {
        match self.get() {
            Some(value) => value,
            None => unreachable!("orm bug: a deferred column that the load state holds is not loaded"),
        }
    }
}

impl<T> Clone for Deferred<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Deferred<T> {
    fn default() -> Self {
        Self::not_loaded()
    }
}

impl<T: fmt::Debug> fmt::Debug for Deferred<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Some(value) => value.fmt(f),
            None => f.write_str("<deferred>"),
        }
    }
}
