//! MySQL and MariaDB, by sqlx's driver; values are encoded and decoded here.

mod bind;
mod connection;
mod error;
mod implicit;
mod row;
mod server;
mod source;
mod types;

pub(crate) use connection::MySqlConnection;
pub(super) use error::{classify, is_of_server};
pub(super) use row::bytes;
pub(super) use server::STEP;
pub(crate) use source::MySqlSource;
