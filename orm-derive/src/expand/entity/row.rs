//! `impl Entity`: the struct as a row.

use proc_macro2::TokenStream;
use quote::quote;

use super::definition::definition;
use super::key;
use super::parts::{Parts, field_of, number};
use crate::model::{ColumnModel, Member};

pub(super) fn implementation(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, ident, name, load, changes, draft, view, pending_view, .. } = parts;
    let definition = definition(parts);
    let key_type = key::key_type(parts);
    let key = key::key_of(parts, &quote!(self));
    let decode_key = key::decode_key(parts);
    let decode = decode(parts);
    let decode_value = arms(parts, |column| {
        let value_of_cell = field_of(root, column, "value_of_cell");
        quote!(#value_of_cell(raw))
    });
    let debug = debug(parts);
    // Relationships are cloned as well, though there is nothing in them: a field that is never read is a warning.
    let duplicate = fields(parts, |member| {
        let field = member.field();
        quote!(::core::clone::Clone::clone(&self.#field))
    });
    let value = arms(parts, |column| {
        let field = &column.field;
        if column.deferred {
            let of_deferred = field_of(root, column, "of_deferred");
            quote!(#of_deferred(&self.#field))
        } else {
            let bound = field_of(root, column, "bound");
            quote!(::core::option::Option::Some(#bound(&self.#field)))
        }
    });
    let set_value = arms(parts, |column| {
        let field = &column.field;
        if column.deferred {
            let set_in_deferred = field_of(root, column, "set_in_deferred");
            quote!(#set_in_deferred(&mut self.#field, value)?)
        } else {
            let from_bound = field_of(root, column, "from_bound");
            quote!(self.#field = #from_bound(value)?)
        }
    });
    let same = arms(parts, |column| {
        let field = &column.field;
        let is_same = field_of(root, column, if column.deferred { "is_same_deferred" } else { "is_same" });
        quote!(#is_same(&self.#field, &other.#field))
    });
    let quiet = parts.quiet();
    quote! {
        #quiet
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #root::entity::Entity for #ident {
            const DEF: &'static #root::schema::EntityDef = #definition;

            type Key = #key_type;
            type Bare = #load;
            type Changes = #changes;
            type Draft = #draft;
            type View<'s, __L: 'static> = dyn #view<'s, __L> + 's;
            type PendingView<'s> = dyn #pending_view<'s> + 's;

            fn view<'v, 's: 'v, __L: 'static>(src: &'v #root::handle::Src<'s, Self>) -> &'v Self::View<'s, __L> {
                src
            }

            fn pending_view<'v, 's: 'v>(src: &'v #root::handle::Src<'s, Self>) -> &'v Self::PendingView<'s> {
                src
            }

            fn decode(
                cells: &dyn #root::value::Cells,
                first: ::core::primitive::usize,
            ) -> ::core::result::Result<Self, #root::value::ColumnError> {
                ::core::result::Result::Ok(#decode)
            }

            fn decode_key(
                cells: &dyn #root::value::Cells,
                first: ::core::primitive::usize,
            ) -> ::core::result::Result<Self::Key, #root::value::ColumnError> {
                ::core::result::Result::Ok(#decode_key)
            }

            fn decode_value(
                column: ::core::primitive::usize,
                raw: #root::value::Raw<'_>,
            ) -> ::core::result::Result<#root::value::Value, #root::value::DecodeError> {
                match column {
                    #(#decode_value,)*
                    _ => #root::__private::no_column(#name, column),
                }
            }

            fn debug(&self, fields: &mut ::core::fmt::DebugStruct<'_, '_>) {
                #debug
            }

            fn duplicate(&self) -> Self {
                #duplicate
            }

            fn key(&self) -> Self::Key {
                #key
            }

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

            fn same(&self, other: &Self, column: ::core::primitive::usize) -> ::core::primitive::bool {
                match column {
                    #(#same,)*
                    _ => true,
                }
            }
        }
    }
}

/// `0 => .., 1 => ..`, for each column.
pub(super) fn arms(parts: &Parts<'_>, body: impl Fn(&ColumnModel) -> TokenStream) -> Vec<TokenStream> {
    let arm = |(position, column): (usize, &ColumnModel)| {
        let position = number(position);
        let body = body(column);
        quote!(#position => #body)
    };
    parts.model.columns.iter().enumerate().map(arm).collect()
}

/// `User { id: .., posts: .. }`.
pub(super) fn fields(parts: &Parts<'_>, value: impl Fn(Member<'_>) -> TokenStream) -> TokenStream {
    let Parts { ident, model, .. } = parts;
    if model.opaque {
        return quote!(::core::unreachable!());
    }
    // Only in place of an entity with a mistake: these have no type that could be made.
    let unread = &model.unread;
    let fields = model.members().into_iter().map(|member| {
        let field = member.field();
        let value = value(member);
        quote!(#field: #value)
    });
    quote!(#ident { #(#fields,)* #(#unread: ::core::unreachable!(),)* })
}

/// A SELECT lists the columns that are not deferred, in order: `first` is where the first of them is.
fn decode(parts: &Parts<'_>) -> TokenStream {
    let root = &parts.root;
    let cells: Vec<usize> = selected(parts).map(|(position, _)| position).collect();
    fields(parts, |member| match member {
        Member::Column(position, column) if !column.deferred => {
            let cell = number(cells.iter().filter(|selected| **selected < position).count());
            let position = number(position);
            let from_cell = field_of(root, column, "from_cell");
            quote!(#from_cell(cells, first + #cell, #position)?)
        }
        Member::Column(..) | Member::Relation(..) => quote!(::core::default::Default::default()),
    })
}

/// The columns that every SELECT has.
pub(super) fn selected<'m>(parts: &Parts<'m>) -> impl Iterator<Item = (usize, &'m ColumnModel)> {
    parts.model.columns.iter().enumerate().filter(|(_, column)| !column.deferred)
}

/// Sensitive columns never, deferred ones only where they are loaded.
fn debug(parts: &Parts<'_>) -> TokenStream {
    let shown = parts.model.columns.iter().filter(|column| column.settings.sensitive.is_none());
    shown
        .map(|column| {
            let (field, name) = (&column.field, &column.names.name);
            if column.deferred {
                quote! {
                    if let ::core::option::Option::Some(value) = self.#field.get() {
                        fields.field(#name, value);
                    }
                }
            } else {
                quote!(fields.field(#name, &self.#field);)
            }
        })
        .collect()
}
