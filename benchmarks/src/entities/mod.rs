//! The same tables, as each library wants them.

pub mod by_hand;
pub mod diesel;
pub mod ours;
pub mod sea;
