//! The text of every statement, pinned for each dialect, and what the SQLite ones do.

mod fixtures;
mod flush;
mod pinned;
#[cfg(feature = "sqlite")]
mod sqlite;
mod written;
