//! A session with an identity map, a unit of work and typed eager loading, where reading what is not loaded does not compile.

pub mod database;
pub mod entity;
pub mod error;
pub mod expr;
#[allow(dead_code, reason = "the session that calls it comes after it")]
mod flush;
pub mod handle;
mod identity;
pub mod load;
pub mod query;
pub mod relationship;
pub mod schema;
mod state;
pub mod value;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
