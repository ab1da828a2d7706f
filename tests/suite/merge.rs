//! What comes from outside of a session: changes that are applied, values that are merged, values that are attached.

mod apply;
mod attach;
mod changes;
mod copies;
mod graphs;
mod lists;
mod objects;
mod patches;
mod promises;
