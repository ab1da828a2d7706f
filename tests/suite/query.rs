//! Queries: what conditions mean, and the SQL that they become.

mod conditions;
mod deep;
mod fragments;
mod relationships;
mod rows;
mod user_text;
