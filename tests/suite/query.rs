//! Queries: what conditions mean, and the SQL that they become.

mod conditions;
mod relationships;
mod rows;
