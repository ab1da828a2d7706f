//! The code that a model becomes: one file for each thing that is emitted.

mod column_type;
mod entity;
mod root;

use proc_macro2::TokenStream;

use crate::model::RowModel;

pub(crate) use self::column_type::column_type;
pub(crate) use self::entity::entity;
pub(crate) use self::root::Root;

/// What `#[derive(Row)]` emits.
pub(crate) fn row(_model: &RowModel) -> TokenStream {
    TokenStream::new()
}
