//! The columns of a new object, each set or not.

use proc_macro2::TokenStream;
use quote::quote;

use super::parts::{Parts, field_of, number};
use super::row::{arms, fields};
use crate::attr::ClientDefault;
use crate::model::{ColumnModel, Member};

pub(super) fn draft(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, model, ident, vis, draft, .. } = parts;
    let quiet = parts.quiet();
    let columns = model.columns.iter().map(|column| &column.field);
    let names: Vec<_> = columns.collect();
    let types = model.columns.iter().map(|column| &column.ty);
    let value = arms(parts, |column| {
        let (field, of_draft) = (&column.field, field_of(root, column, "of_draft"));
        quote!(#of_draft(&self.#field))
    });
    let set_value = arms(parts, |column| {
        let (field, from_bound) = (&column.field, field_of(root, column, "from_bound"));
        quote!(self.#field = ::core::option::Option::Some(#from_bound(value)?))
    });
    let defaults = model.columns.iter().filter_map(|column| default(parts, column));
    let finish = fields(parts, |member| match member {
        Member::Column(position, column) => {
            let (field, position) = (&column.field, number(position));
            if column.deferred {
                let deferred = field_of(root, column, "deferred");
                quote!(#deferred(&self.#field))
            } else {
                let required = field_of(root, column, "required");
                quote!(#required(&self.#field, #position)?)
            }
        }
        Member::Relation(..) => quote!(::core::default::Default::default()),
    });
    quote! {
        #quiet
        #[doc(hidden)]
        #[derive(::core::clone::Clone)]
        #vis struct #draft {
            #(#names: ::core::option::Option<#types>,)*
        }

        #[automatically_derived]
        impl ::core::default::Default for #draft {
            fn default() -> Self {
                Self { #(#names: ::core::option::Option::None,)* }
            }
        }

        #quiet
        #[automatically_derived]
        impl #root::entity::Draft for #draft {
            type Entity = #ident;

            fn value(&self, column: ::core::primitive::usize) -> ::core::option::Option<#root::value::Value> {
                match column {
                    #(#value,)*
                    _ => ::core::option::Option::None,
                }
            }

            fn set_value(
                &mut self,
                column: ::core::primitive::usize,
                value: &#root::value::Value,
            ) -> ::core::result::Result<(), #root::value::DecodeError> {
                match column {
                    #(#set_value,)*
                    _ => {}
                }
                ::core::result::Result::Ok(())
            }

            fn apply_defaults(&mut self) {
                #(#defaults)*
            }

            fn finish(&self) -> ::core::result::Result<#ident, ::core::primitive::usize> {
                ::core::result::Result::Ok(#finish)
            }
        }
    }
}

/// What an unset column is before the INSERT, where Rust knows it.
fn default(parts: &Parts<'_>, column: &ColumnModel) -> Option<TokenStream> {
    let root = &parts.root;
    let ColumnModel { field, ty, settings, known, .. } = column;
    let value = match settings.default.as_ref().map(|default| &default.value) {
        Some(ClientDefault::Expression(expression)) => {
            quote!(<_ as #root::value::IntoColumn<#ty>>::into_column(#expression))
        }
        Some(ClientDefault::OfTheType) => quote!(<#ty as ::core::default::Default>::default()),
        None if column.is_version() => {
            let first_version_if_unset = field_of(root, column, "first_version_if_unset");
            return Some(quote!(#first_version_if_unset(&mut self.#field);));
        }
        // The database makes it: leaving it out of the INSERT is not the same as NULL.
        None if settings.server_default.is_some() || known.is_required() => return None,
        None => {
            let null_if_unset = field_of(root, column, "null_if_unset");
            return Some(quote!(#null_if_unset(&mut self.#field);));
        }
    };
    Some(quote! {
        if self.#field.is_none() {
            self.#field = ::core::option::Option::Some(#value);
        }
    })
}
