//! What a getter of a column gives.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;

use super::parts::{field_of, shown_at};
use crate::expand::Root;
use crate::model::{ColumnModel, KnownType};

/// `&'s str`, `i64`, `Option<&'s str>` where the type is known, which reads better in an editor; else what its trait says.
pub(super) fn reference(root: &Root, column: &ColumnModel, lifetime: &TokenStream) -> TokenStream {
    let ty = &column.ty;
    plain(&column.known, ty, lifetime).unwrap_or_else(|| {
        let shown = field_of(root, column, "Shown");
        shown_at(ty.span(), quote!(#shown<#lifetime>))
    })
}

fn plain(known: &KnownType, ty: &syn::Type, lifetime: &TokenStream) -> Option<TokenStream> {
    match known {
        KnownType::Boolean | KnownType::Integer | KnownType::Float => Some(ty.to_token_stream()),
        KnownType::Text => Some(quote!(&#lifetime ::core::primitive::str)),
        KnownType::Bytes => Some(quote!(&#lifetime [::core::primitive::u8])),
        KnownType::Optional(inner) => {
            let inner = plain(inner, crate::model::argument_of(ty)?, lifetime)?;
            Some(quote!(::core::option::Option<#inner>))
        }
        KnownType::Other | KnownType::Unknown => None,
    }
}
