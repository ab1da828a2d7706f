//! What orm-core does, scenario by scenario, on every database.

mod bad_input;
mod chinook;
mod database;
mod fixtures;
mod flush;
mod hygiene;
mod keys;
mod life;
mod loading;
mod merge;
mod pgbouncer;
mod properties;
mod query;
mod raw_sql;
mod recipes;
mod session;
mod tasks;
mod types;
