//! From definitions to SQL: every statement that this crate sends, as text and values, for each dialect.
//!
//! Nothing here knows entities as types, or a driver. Filters and orders name columns by position; the alias is chosen
//! where they are rendered ([`Scope`]). Statements of a fixed shape (flush, get by key) are values that can be looked up in
//! a [`TextCache`]; the others are built as they come.

mod batch;
mod bulk;
mod carrier;
mod compared;
mod context;
mod count;
mod delete;
mod filter;
mod insert;
mod join;
mod keyed;
mod like;
mod list;
mod order;
mod places;
mod raw;
mod relation;
mod select;
mod shape;
mod statement;
mod table;
mod update;
mod upsert;

#[cfg(test)]
mod tests;

#[allow(unused_imports, reason = "the layers that send these statements come after it")]
pub(crate) use self::{
    batch::Batch,
    bulk::{delete_where, update_where},
    compared::key_values,
    context::{Dialect, RenderContext, Scope},
    count::{count, count_pairs, exists},
    delete::{DeleteShape, SetNullShape},
    filter::filter,
    insert::InsertShape,
    join::{Join, JoinKind, Placement},
    keyed::{Keyed, select_by_key, select_related, select_related_as_is, select_related_of},
    order::{collection_order, key_order},
    places::select_places,
    relation::{RelationKeys, relation_keys},
    select::{GetShape, Layout, Lock, LockStrength, LockWait, Select, default_columns, select},
    shape::{Shape, TextCache},
    statement::Sql,
    update::UpdateShape,
    upsert::Upsert,
};
