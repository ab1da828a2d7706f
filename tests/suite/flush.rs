//! The flush: which statements, in which order, and what objects show afterwards.

mod batches;
mod collections;
mod order;
mod plan;
