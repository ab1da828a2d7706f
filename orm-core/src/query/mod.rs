//! What is asked of the database.

#[allow(dead_code, reason = "the layers that send these statements come after it")]
pub(crate) mod sql;
