//! Typed columns, predicates and orders, over an untyped tree that knows columns by position.
//!
//! A [`Column`] makes a [`Predicate`] or an [`OrderBy`] of its entity; both are values that say nothing about a query: the
//! same predicate filters the root of a query, a joined relationship or the inside of `any`.

mod column;
mod depth;
mod expression;
mod lower;
mod node;
mod order;
mod pattern;
mod predicate;
mod raw;
mod shown;
mod text;

#[cfg(test)]
mod tests;

pub use column::{Column, Comparable};
pub use depth::{MAX_DEPTH, Nested, Nodes};
pub use expression::{Arithmetic, Expression};
pub(crate) use expression::{Calculation, Scalar};
pub use lower::Lower;
pub(crate) use node::is_null;
pub use node::{Comparison, Node, Operand};
pub use order::{Direction, Nulls, OrderBy, OrderKey, OrderNode};
pub use predicate::Predicate;
pub use raw::RawFragment;
pub use text::TextColumn;

pub(crate) use pattern::{Pattern, escaped_by_exclamation, like_to_glob};
pub(crate) use raw::{Piece, RawFault};
