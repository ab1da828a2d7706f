//! What a detached value stores, and its getters and setters.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::lists::list_writes;
use super::parts::{Parts, Slot, accepted, doc, field_of, number, reading};
use super::reference::reference;
use super::view::{Refused, docs_or, refused_setter};
use crate::model::{ColumnModel, Member, RelationModel};

pub(super) fn detached(parts: &Parts<'_>) -> TokenStream {
    let definition = definition(parts);
    let debug = debug(parts);
    let methods = methods(parts);
    quote!(#definition #debug #methods)
}

/// `<P0: Slot, P1: Slot>` and `UserOwned<P0, P1>`.
pub(super) fn generics(parts: &Parts<'_>) -> (TokenStream, TokenStream) {
    let owned = &parts.owned;
    let names = parts.slots.iter().map(|slot| &slot.parameter);
    let parameters = parts.slot_parameters();
    (quote!(<#parameters>), quote!(#owned<#(#names),*>))
}

fn definition(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, ident, vis, name, owned, .. } = parts;
    let quiet = parts.quiet();
    let doc = doc(&format!("What a detached `{name}` stores; its getters."));
    let (generics, this) = generics(parts);
    let stored: Vec<_> = parts.slots.iter().map(|slot| &slot.stored).collect();
    let types = parts.slots.iter().map(|Slot { parameter, .. }| quote!(<#parameter as #root::load::Slot>::Owned));
    quote! {
        #doc
        #quiet
        #vis struct #owned #generics {
            row: #root::handle::OwnedRow<#ident>,
            #(#stored: #types,)*
        }

        #[automatically_derived]
        impl #generics ::core::clone::Clone for #this {
            fn clone(&self) -> Self {
                Self {
                    row: ::core::clone::Clone::clone(&self.row),
                    #(#stored: ::core::clone::Clone::clone(&self.#stored),)*
                }
            }
        }

        #[automatically_derived]
        impl #generics ::core::ops::Deref for #this {
            type Target = #ident;

            fn deref(&self) -> &#ident {
                self.row.row()
            }
        }
    }
}

fn debug(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, name, .. } = parts;
    let (generics, this) = generics(parts);
    // A deferred column is in the row, which prints it.
    let relations = parts.slots.iter().filter(|slot| matches!(slot.member, Member::Relation(..)));
    let relations = relations.map(|Slot { parameter, stored, member, .. }| {
        let name = &member.names().name;
        quote! {
            if <#parameter as #root::load::Slot>::is_present(&self.#stored) {
                fields.field(#name, &self.#stored);
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #generics ::core::fmt::Debug for #this {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut fields = formatter.debug_struct(#name);
                #root::entity::Entity::debug(self.row.row(), &mut fields);
                #(#relations)*
                fields.finish()
            }
        }
    }
}

fn methods(parts: &Parts<'_>) -> TokenStream {
    let quiet = parts.quiet();
    let (generics, this) = generics(parts);
    let columns = parts.model.columns.iter().enumerate().filter(|(_, column)| !column.deferred);
    let columns = columns.map(|(position, column)| {
        let getter = getter(parts, column);
        let setter = setter(parts, position, column);
        quote!(#getter #setter)
    });
    let slots = parts.slots.iter().map(|slot| match slot.member {
        Member::Column(_, column) => deferred(parts, column),
        Member::Relation(_, relation) => relationship(parts, slot, relation),
    });
    quote! {
        #quiet
        impl #generics #this {
            #(#columns)*
            #(#slots)*
        }
    }
}

fn getter(parts: &Parts<'_>, column: &ColumnModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let (field, getter) = (&column.field, &column.names.getter);
    let docs = docs_or(&column.docs, &format!("The column `{}`.", column.names.name));
    let reference = reference(root, column, &quote!('_));
    let read = reading(root, column, "read", &quote!(&self.row.row().#field));
    quote! {
        #docs
        #[must_use]
        #vis fn #getter(&self) -> #reference {
            #read
        }
    }
}

fn setter(parts: &Parts<'_>, position: usize, column: &ColumnModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let ColumnModel { field, .. } = column;
    if let Some(refusal) = refused_setter(parts, column, Refused::Detached) {
        return refusal;
    }
    let set = column.names.method("set");
    let accepted = accepted(root, column);
    let position = number(position);
    let docs = doc(&format!("Sets the column `{}` of this value; `session.merge` writes it.", column.names.name));
    let write = field_of(root, column, "set_owned");
    quote! {
        #docs
        #vis fn #set(&mut self, value: impl #accepted) {
            #write(&mut self.row, #position, #root::value::IntoColumn::into_column(value), |row| &mut row.#field);
        }
    }
}

fn deferred(parts: &Parts<'_>, column: &ColumnModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let ColumnModel { field, names, .. } = column;
    let (name, getter, attempt) = (&names.name, &names.getter, names.method("try"));
    let docs = docs_or(&column.docs, &format!("The deferred column `{name}`."));
    let doc_try = doc(&format!("The deferred column `{name}`, if it was loaded."));
    let reference = reference(root, column, &quote!('_));
    let load = parts.load_of_parameters();
    let bound = parts.bound(names, "is_loaded");
    let bound = quote_spanned!(field.span()=> #load: #bound);
    let read = reading(root, column, "read", &quote!(value));
    let read_deferred = reading(root, column, "read_deferred", &quote!(&self.row.row().#field));
    quote! {
        #docs
        #[must_use]
        #vis fn #getter(&self) -> #reference
        where
            #bound,
        {
            #read_deferred
        }

        #doc_try
        ///
        /// # Errors
        /// When it was not.
        #vis fn #attempt(&self) -> ::core::result::Result<#reference, #root::error::StateError> {
            let row = self.row.row();
            match row.#field.get() {
                ::core::option::Option::Some(value) => {
                    ::core::result::Result::Ok(#read)
                }
                ::core::option::Option::None => {
                    ::core::result::Result::Err(#root::__private::deferred_not_loaded(row, #name))
                }
            }
        }
    }
}

fn relationship(parts: &Parts<'_>, slot: &Slot<'_>, relation: &RelationModel) -> TokenStream {
    let Parts { root, ident, vis, .. } = parts;
    let Slot { parameter, stored, .. } = slot;
    let RelationModel { field, names, .. } = relation;
    let (name, getter, attempt) = (&names.name, &names.getter, names.method("try"));
    let docs = docs_or(&relation.docs, &format!("The relationship `{name}`."));
    let doc_try = doc(&format!("The relationship `{name}`, if it was loaded."));
    let whole = quote!(<<#parameter as #root::load::Slot>::Whole as #root::handle::Stored>::Read<'_>);
    let load = parts.load_of_parameters();
    let is_loaded = parts.bound(names, "is_loaded");
    let bound = quote_spanned!(field.span()=> #load: #is_loaded);
    let subset = relation.kind.is_many().then(|| {
        let subset = names.subset_getter();
        let is_subset = parts.bound(names, "is_subset");
        let bound = quote_spanned!(field.span()=> #load: #is_subset);
        let doc = doc(&format!("The members of `{name}` that the filter or limit of the query let through."));
        quote! {
            #doc
            #[must_use]
            #vis fn #subset(&self) -> #whole
            where
                #bound,
            {
                #root::__private::held(<#parameter as #root::load::Slot>::subset(&self.#stored))
            }
        }
    });
    let writes = (relation.kind.is_many() && !relation.is_view_only()).then(|| list_writes(parts, slot, relation));
    quote! {
        #docs
        #[must_use]
        #vis fn #getter(&self) -> #whole
        where
            #bound,
        {
            #root::__private::held(<#parameter as #root::load::Slot>::whole(&self.#stored))
        }

        #doc_try
        ///
        /// # Errors
        /// When it was not.
        #vis fn #attempt(&self) -> ::core::result::Result<#whole, #root::error::StateError> {
            match <#parameter as #root::load::Slot>::whole(&self.#stored) {
                ::core::option::Option::Some(whole) => {
                    ::core::result::Result::Ok(#root::handle::Stored::read(whole))
                }
                ::core::option::Option::None => ::core::result::Result::Err(
                    #root::__private::not_loaded_detached::<#ident>(self.row.row(), #name),
                ),
            }
        }

        #subset

        #writes
    }
}
