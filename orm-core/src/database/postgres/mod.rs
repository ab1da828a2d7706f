//! PostgreSQL, by sqlx's driver; values are encoded and decoded here.

mod bind;
mod connection;
mod error;
mod pooler;
mod prepared;
mod restore;
mod source;
mod stale;
mod stream;

pub(crate) use connection::{Lent, PostgresConnection};
pub(super) use error::{Refusal, classify};
pub(crate) use source::PostgresSource;
