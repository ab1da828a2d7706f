//! An object that has no row yet: each column set or not.

use super::Entity;
use crate::value::{DecodeError, Value};

/// The columns of a new object, each set or not: what a builder fills and a flush completes. Made by the derive.
pub trait Draft: Clone + Default + Send + Sync + 'static {
    /// The entity it becomes.
    type Entity: Entity<Draft = Self>;

    /// The value of a column, where it is set.
    fn value(&self, column: usize) -> Option<Value>;

    /// Sets a column.
    ///
    /// # Errors
    /// When the value is of another type.
    fn set_value(&mut self, column: usize, value: &Value) -> Result<(), DecodeError>;

    /// Fills what has a client default and is not set.
    fn apply_defaults(&mut self);

    /// The row, when every column that is not deferred is set.
    ///
    /// # Errors
    /// The position of the first column that is not.
    fn finish(&self) -> Result<Self::Entity, usize>;
}
