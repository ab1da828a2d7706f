//! Maps and sets by a fast hash, which is seeded anew in each process: what loading and flushing look things up in, row by row.

pub(crate) use hashbrown::{DefaultHashBuilder, HashMap, HashSet};

/// A map that keeps the order of insertion.
pub(crate) type IndexMap<K, V> = indexmap::IndexMap<K, V, DefaultHashBuilder>;

/// A set that keeps the order of insertion.
pub(crate) type IndexSet<T> = indexmap::IndexSet<T, DefaultHashBuilder>;
