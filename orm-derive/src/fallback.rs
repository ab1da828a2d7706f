//! Something harmless in place of the code that an item with an error does not get.

use proc_macro2::TokenStream;
use syn::DeriveInput;

/// In place of an entity.
pub(crate) fn entity(_item: &DeriveInput) -> TokenStream {
    TokenStream::new()
}

/// In place of a column type.
pub(crate) fn column_type(_item: &DeriveInput) -> TokenStream {
    TokenStream::new()
}

/// In place of a row struct.
pub(crate) fn row(_item: &DeriveInput) -> TokenStream {
    TokenStream::new()
}
