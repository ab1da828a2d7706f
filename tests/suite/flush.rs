//! The flush: which statements, in which order, and what objects show afterwards.

mod batches;
mod collections;
pub(crate) mod cycles;
mod declared;
mod large;
mod one_order;
mod one_to_one;
mod order;
mod pairs;
mod pairs_beside;
mod parents;
mod plan;
mod size;
mod unique;
mod vanished;
