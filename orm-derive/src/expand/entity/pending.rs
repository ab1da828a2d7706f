//! The getters and setters of a pending object: what the program set is there, what is made later does not compile.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::bounds::known_bound;
use super::parts::{Parts, accepted, doc, field_of, reading};
use super::reference::reference;
use super::view::{Refused, docs_or, refused_setter};
use super::writes::writes;
use crate::model::ColumnModel;

pub(super) fn pending_view(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, model, ident, vis, pending_view, .. } = parts;
    let quiet = parts.quiet();
    // A deferred column is read once the object is persistent: its type says then whether it is loaded.
    let columns = model.columns.iter().filter(|column| !column.deferred).map(|column| {
        let getter = getter(parts, column);
        let setter = setter(parts, column);
        quote!(#getter #setter)
    });
    let writes = model.relations.iter().enumerate().map(|(position, relation)| writes(parts, position, relation));
    quote! {
        #quiet
        #[doc(hidden)]
        #vis trait #pending_view<'s>: ::core::marker::Send + ::core::marker::Sync {
            #[doc(hidden)]
            fn __src(&self) -> #root::handle::Src<'s, #ident>;
        }

        #[automatically_derived]
        impl<'s> #pending_view<'s> for #root::handle::Src<'s, #ident> {
            fn __src(&self) -> #root::handle::Src<'s, #ident> {
                *self
            }
        }

        #quiet
        impl<'s> dyn #pending_view<'s> + 's {
            #(#columns)*
            #(#writes)*
        }
    }
}

fn getter(parts: &Parts<'_>, column: &ColumnModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let (field, getter) = (&column.field, &column.names.getter);
    let reference = reference(root, column, &quote!('s));
    if let Some(bound) = known_bound(parts, column) {
        let bound = quote_spanned!(field.span()=> Self: #bound);
        return quote! {
            #[doc(hidden)]
            #vis fn #getter(&self) -> #reference
            where
                #bound,
            {
                ::core::unreachable!()
            }
        };
    }
    let docs = docs_or(&column.docs, &format!("The column `{}`.", column.names.name));
    let read =
        reading(root, column, "read", &quote!(self.__src().pending(|row| &row.#field, |draft| draft.#field.as_ref())));
    quote! {
        #docs
        #vis fn #getter(&self) -> #reference {
            #read
        }
    }
}

fn setter(parts: &Parts<'_>, column: &ColumnModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let ColumnModel { field, .. } = column;
    if let Some(refusal) = refused_setter(parts, column, Refused::View) {
        return refusal;
    }
    let set = column.names.method("set");
    let accepted = accepted(root, column);
    let docs = doc(&format!("Sets the column `{}`: the next flush writes it.", column.names.name));
    let write = field_of(root, column, "set_pending");
    quote! {
        #docs
        #vis fn #set(&self, value: impl #accepted) {
            #write(
                self.__src(),
                #root::value::IntoColumn::into_column(value),
                |row| &mut row.#field,
                |draft| &mut draft.#field,
            );
        }
    }
}
