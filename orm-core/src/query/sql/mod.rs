//! From definitions to SQL: every statement that this crate sends, as text and values, for each dialect.
//!
//! Nothing here knows entities as types, or a driver. Filters and orders name columns by position; the alias is chosen
//! where they are rendered ([`Scope`]). Statements of a fixed shape (flush, get by key) are values that can be looked up in
//! a [`TextCache`]; the others are built as they come.

mod batch;
mod carrier;
mod context;
mod count;
mod delete;
mod filter;
mod insert;
mod join;
mod keyed;
mod list;
mod order;
mod raw;
mod relation;
mod select;
mod shape;
mod statement;
mod table;
mod update;

#[cfg(test)]
mod tests;

pub(crate) use batch::Batch;
pub(crate) use context::{Dialect, RenderContext, Scope};
pub(crate) use count::{count, exists};
pub(crate) use delete::{DeleteShape, SetNullShape};
pub(crate) use insert::InsertShape;
pub(crate) use join::{Join, JoinKind, Placement};
pub(crate) use keyed::{Keyed, select_by_key, select_related};
pub(crate) use order::collection_order;
pub(crate) use relation::{RelationKeys, relation_keys};
pub(crate) use select::{GetShape, Layout, Lock, LockStrength, LockWait, Select, default_columns, select};
pub(crate) use shape::{Shape, TextCache};
pub(crate) use statement::Sql;
pub(crate) use update::UpdateShape;
