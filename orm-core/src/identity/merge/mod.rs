//! Merging: values that belong to no session, brought over the objects of one.
//!
//! What is merged becomes a graph of untyped nodes ([`Sources`]); the session reads what the graph needs; then all of it is published in
//! one step ([`publish`]), or nothing is. `attach` takes rows in as they are ([`adopt`]), and `apply` writes columns of one object
//! ([`write`]).

mod adopt;
mod nodes;
mod parts;
mod publish;
mod sources;
mod spelling;
mod unite;
mod write;

pub use sources::Sources;

pub(crate) use nodes::{Extent, Node, NodeMember, Origin, Related, Row, Standing, nodes_among};
