//! What really goes to the database, by its own account, and what is of one database alone.

mod mysql;
mod own_count;
mod without;
