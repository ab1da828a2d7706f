//! What really goes to the database, by its own account, and what is of one database alone.

mod galera;
mod keys;
mod mysql;
mod own_count;
mod prepared;
mod transport;
mod without;
