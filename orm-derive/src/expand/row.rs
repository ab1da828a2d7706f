//! `impl FromRow` for a struct that is filled from a row.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::root::Root;
use crate::model::{RowFieldModel, RowModel};

/// What `#[derive(Row)]` emits.
pub(crate) fn row(model: &RowModel) -> TokenStream {
    let ident = &model.ident;
    let root = Root::of(model.krate.as_ref());
    let columns = model.fields.iter().map(|field| &field.column);
    let fields = model.fields.iter().enumerate().map(|(position, RowFieldModel { ident, ty, .. })| {
        let position = Literal::usize_unsuffixed(position);
        // Spanned at the type, so that "cannot be a column" points there.
        let decode = quote_spanned!(ty.span()=> #root::value::decode::<#ty>);
        quote!(#ident: #decode(cells, positions[#position], #position)?)
    });
    quote! {
        #[automatically_derived]
        impl #root::query::FromRow for #ident {
            fn columns() -> &'static [&'static ::core::primitive::str] {
                &[#(#columns),*]
            }

            fn decode(
                cells: &dyn #root::value::Cells,
                positions: &[::core::primitive::usize],
            ) -> ::core::result::Result<Self, #root::value::ColumnError> {
                ::core::result::Result::Ok(Self { #(#fields,)* })
            }
        }
    }
}
