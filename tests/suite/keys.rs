//! Values that a database holds equal are one key here: numbers, moments, and text under any collation.

mod collations;
mod limits;
pub(crate) mod numbers;
pub(crate) mod spelled;
mod written;
