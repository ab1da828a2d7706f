//! The primary key: the type of its column, or a struct of several.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::parts::{Parts, doc, field_of, number};
use super::row::selected;
use crate::model::{ColumnModel, KnownType};

/// `i64`, or `OrderItemKey`.
pub(super) fn key_type(parts: &Parts<'_>) -> TokenStream {
    if parts.model.opaque {
        return quote!(::core::primitive::i64);
    }
    let mut columns = parts.model.primary_key();
    match (columns.next(), columns.next()) {
        (Some(column), None) => column.ty.to_token_stream(),
        _ => parts.model.names.item("Key").to_token_stream(),
    }
}

/// The key of a row.
pub(super) fn key_of(parts: &Parts<'_>, row: &TokenStream) -> TokenStream {
    key_with(parts, |ColumnModel { field, .. }| quote!(::core::clone::Clone::clone(&#row.#field)))
}

/// The key out of the cells that the row is decoded from.
pub(super) fn decode_key(parts: &Parts<'_>) -> TokenStream {
    let root = &parts.root;
    key_with(parts, |key| {
        let cell = selected(parts).position(|(_, column)| column.names.name == key.names.name).unwrap_or_default();
        let position = parts.model.position(&key.field).unwrap_or_default();
        let (cell, position) = (number(cell), number(position));
        let from_cell = field_of(root, key, "from_cell");
        quote!(#from_cell(cells, first + #cell, #position)?)
    })
}

/// The one value, or the struct of them.
fn key_with(parts: &Parts<'_>, value: impl Fn(&ColumnModel) -> TokenStream) -> TokenStream {
    if parts.model.opaque {
        return quote!(::core::unreachable!());
    }
    let columns: Vec<&ColumnModel> = parts.model.primary_key().collect();
    match columns.as_slice() {
        [column] => value(column),
        columns => {
            let key = parts.model.names.item("Key");
            let fields = columns.iter().map(|column| &column.field);
            let values = columns.iter().map(|column| value(column));
            quote!(#key { #(#fields: #values),* })
        }
    }
}

/// The struct of a composite key.
pub(super) fn key(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, model, vis, name, .. } = parts;
    let columns: Vec<&ColumnModel> = model.primary_key().collect();
    if columns.len() < 2 {
        return TokenStream::new();
    }
    let quiet = parts.quiet();
    let key = model.names.item("Key");
    let fields: Vec<_> = columns.iter().map(|column| &column.field).collect();
    let types: Vec<_> = columns.iter().map(|column| &column.ty).collect();
    let bound = columns.iter().map(|column| field_of(root, column, "bound"));
    let from_bound = columns.iter().map(|column| field_of(root, column, "from_bound"));
    let positions = (0..columns.len()).map(number);
    let count = number(columns.len());
    let copy = columns
        .iter()
        .all(|column| matches!(column.known, KnownType::Boolean | KnownType::Integer | KnownType::Other))
        .then(|| quote!(::core::marker::Copy,));
    let doc_key = doc(&format!("The primary key of `{name}`."));
    let doc_new = doc("The key with these values.");
    let docs = columns.iter().map(|column| doc(&format!("The column `{}`.", column.names.name)));
    quote! {
        #doc_key
        #quiet
        #[derive(
            ::core::clone::Clone,
            #copy
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::hash::Hash
        )]
        #vis struct #key {
            #(
                #docs
                #vis #fields: #types,
            )*
        }

        #quiet
        impl #key {
            #doc_new
            #[must_use]
            #vis const fn new(#(#fields: #types),*) -> Self {
                Self { #(#fields),* }
            }
        }

        #[automatically_derived]
        impl #root::entity::KeyType for #key {
            fn to_values(&self) -> ::std::vec::Vec<#root::value::Value> {
                ::std::vec![#(#bound(&self.#fields)),*]
            }

            fn from_values(
                values: &[#root::value::Value],
            ) -> ::core::result::Result<Self, #root::value::DecodeError> {
                #root::__private::key_parts(values, #count)?;
                ::core::result::Result::Ok(Self {
                    #(#fields: #from_bound(&values[#positions])?,)*
                })
            }
        }
    }
}
