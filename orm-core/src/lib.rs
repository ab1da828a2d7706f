//! A session with an identity map, a unit of work and typed eager loading, where reading what is not loaded does not compile.

pub mod database;
pub mod entity;
pub mod error;
pub mod schema;
pub mod value;
