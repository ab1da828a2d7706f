//! The code that a model becomes.

use proc_macro2::TokenStream;

use crate::model::{ColumnTypeModel, EntityModel, RowModel};

/// What `#[derive(Entity)]` emits.
pub(crate) fn entity(_model: &EntityModel) -> TokenStream {
    TokenStream::new()
}

/// What `#[derive(ColumnType)]` emits.
pub(crate) fn column_type(_model: &ColumnTypeModel) -> TokenStream {
    TokenStream::new()
}

/// What `#[derive(Row)]` emits.
pub(crate) fn row(_model: &RowModel) -> TokenStream {
    TokenStream::new()
}
