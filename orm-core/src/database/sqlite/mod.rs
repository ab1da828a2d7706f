//! SQLite, by rusqlite, in place: a statement runs on the thread that asks, never on a thread of its own.

mod bind;
mod connection;
mod error;
mod in_place;
mod open;
mod profile;

pub(crate) use connection::{SqliteConnection, Writes};
pub(crate) use open::SqliteSource;
pub use profile::profile_sqlite;
