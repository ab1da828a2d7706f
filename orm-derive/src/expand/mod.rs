//! The code that a model becomes: one file for each thing that is emitted.

mod column_type;
mod root;

use proc_macro2::TokenStream;

use crate::model::{EntityModel, RowModel};

pub(crate) use self::column_type::column_type;
pub(crate) use self::root::Root;

/// What `#[derive(Entity)]` emits.
pub(crate) fn entity(_model: &EntityModel) -> TokenStream {
    TokenStream::new()
}

/// What `#[derive(Row)]` emits.
pub(crate) fn row(_model: &RowModel) -> TokenStream {
    TokenStream::new()
}
