//! The getters and setters of a persistent object.
//!
//! They are inherent methods of a trait object: a handle derefs to it, and stays covariant in the session's lifetime.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};

use super::bounds::never_set_bound;
use super::parts::{Parts, Slot, accepted, doc, field_of, number, reading};
use super::reference::reference;
use super::writes::writes;
use crate::attr::Docs;
use crate::model::{ColumnModel, Member, RelationModel};

pub(super) fn view(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, model, ident, vis, view, .. } = parts;
    let quiet = parts.quiet();
    let columns = model.columns.iter().filter(|column| !column.deferred).map(|column| {
        let getter = column_getter(parts, column);
        let setter = setter(parts, column);
        quote!(#getter #setter)
    });
    let writes = model.relations.iter().enumerate().map(|(position, relation)| writes(parts, position, relation));
    let slots = parts.slots.iter().map(|slot| match slot.member {
        Member::Column(_, column) => deferred(parts, column),
        Member::Relation(_, relation) => relationship(parts, slot, relation),
    });
    quote! {
        #quiet
        #[doc(hidden)]
        #vis trait #view<'s, __L>: ::core::marker::Send + ::core::marker::Sync {
            #[doc(hidden)]
            fn __src(&self) -> #root::handle::Src<'s, #ident>;
        }

        #[automatically_derived]
        impl<'s, __L> #view<'s, __L> for #root::handle::Src<'s, #ident> {
            #[inline]
            fn __src(&self) -> #root::handle::Src<'s, #ident> {
                *self
            }
        }

        #[automatically_derived]
        impl<'s, __L> ::core::ops::Deref for dyn #view<'s, __L> + 's {
            type Target = #ident;

            #[inline]
            fn deref(&self) -> &#ident {
                self.__src().row()
            }
        }

        #quiet
        impl<'s, __L> dyn #view<'s, __L> + 's {
            #(#columns)*
            #(#writes)*
        }

        #quiet
        impl<'s, __L: 'static> dyn #view<'s, __L> + 's {
            #(#slots)*
        }
    }
}

/// The user's own doc comment, or that it is the column of this name.
pub(super) fn docs_or(docs: &Docs, otherwise: &str) -> TokenStream {
    if docs.is_empty() { doc(otherwise) } else { docs.to_token_stream() }
}

fn column_getter(parts: &Parts<'_>, column: &ColumnModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let (field, getter) = (&column.field, &column.names.getter);
    let docs = docs_or(&column.docs, &format!("The column `{}`.", column.names.name));
    let reference = reference(root, column, &quote!('s));
    let read = reading(root, column, "read", &quote!(&self.__src().row().#field));
    quote! {
        #docs
        #[inline]
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
    let write = field_of(root, column, "set");
    quote! {
        #docs
        #vis fn #set(&self, value: impl #accepted) {
            #write(self.__src(), #root::value::IntoColumn::into_column(value), |row| &mut row.#field);
        }
    }
}

/// On what a setter is refused.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refused {
    View,
    Detached,
}

/// A setter that does not compile and says why, for a column that has another way to be written, or none.
pub(super) fn refused_setter(parts: &Parts<'_>, column: &ColumnModel, on: Refused) -> Option<TokenStream> {
    let vis = parts.vis;
    let set = column.names.method("set");
    let bound = never_set_bound(parts, column)?;
    // A bound without parameters would be refused where it stands; a view has its lifetime, the other needs the value.
    // Spanned at the field, so that "required by this bound" shows the declaration.
    let (this, bound) = match on {
        Refused::View => (quote!(&self), quote_spanned!(column.field.span()=> Self: #bound)),
        Refused::Detached => (quote!(&mut self), quote_spanned!(column.field.span()=> __V: #bound)),
    };
    Some(quote! {
        #[doc(hidden)]
        #vis fn #set<__V>(#this, _: __V)
        where
            #bound,
        {
        }
    })
}

fn deferred(parts: &Parts<'_>, column: &ColumnModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let ColumnModel { field, names, .. } = column;
    let getter = &names.getter;
    let (name, attempt, set) = (&names.name, names.method("try"), names.method("set"));
    let docs = docs_or(&column.docs, &format!("The deferred column `{name}`."));
    let doc_try = doc(&format!("The deferred column `{name}`, if it is loaded."));
    let accepted = accepted(root, column);
    let doc_set = doc(&format!("Sets the deferred column `{name}`: the next flush writes it."));
    let reference = reference(root, column, &quote!('s));
    let bound = parts.bound(names, "is_loaded");
    let bound = quote_spanned!(field.span()=> __L: #bound);
    let write = field_of(root, column, "set_deferred");
    let read = reading(root, column, "read", &quote!(value));
    let read_deferred = reading(root, column, "read_deferred", &quote!(&self.__src().row().#field));
    let setter = refused_setter(parts, column, Refused::View).unwrap_or_else(|| {
        quote! {
            #doc_set
            #vis fn #set(&self, value: impl #accepted)
            where
                #bound,
            {
                #write(self.__src(), #root::value::IntoColumn::into_column(value), |row| &mut row.#field);
            }
        }
    });
    quote! {
        #docs
        #vis fn #getter(&self) -> #reference
        where
            #bound,
        {
            #read_deferred
        }

        #doc_try
        #vis fn #attempt(&self) -> ::core::result::Result<#reference, #root::error::StateError> {
            let row = self.__src().row();
            match row.#field.get() {
                ::core::option::Option::Some(value) => {
                    ::core::result::Result::Ok(#read)
                }
                ::core::option::Option::None => {
                    ::core::result::Result::Err(#root::__private::deferred_not_loaded(row, #name))
                }
            }
        }

        #setter
    }
}

fn relationship(parts: &Parts<'_>, slot: &Slot<'_>, relation: &RelationModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let RelationModel { field, names, .. } = relation;
    let (name, getter, attempt) = (&names.name, &names.getter, names.method("try"));
    let attribute = &slot.attribute;
    let position = number(slot.position());
    let kind = parts.kind(relation);
    let nested = quote!(#root::load::Nested<__L, #attribute>);
    let handle = quote!(<#kind as #root::relationship::Kind<#attribute, #nested>>);
    let is_loaded = parts.bound(names, "is_loaded");
    let has_slot = quote!(__L: #root::load::HasSlot<#attribute>);
    let bound = quote_spanned!(field.span()=> __L: #is_loaded);
    let docs = docs_or(&relation.docs, &format!("The relationship `{name}`."));
    let doc_try = doc(&format!("The relationship `{name}`, if it is loaded."));
    let subset = relation.kind.is_many().then(|| {
        let subset = names.subset_getter();
        let is_subset = parts.bound(names, "is_subset");
        let bound = quote_spanned!(field.span()=> __L: #is_subset);
        let doc = doc(&format!("The members of `{name}` that the filter or limit of the query let through."));
        let (entity, is_target) = parts.target_parameter(relation);
        quote! {
            #doc
            #vis fn #subset<#entity>(&self) -> #root::handle::Many<'s, __T, #nested>
            where
                #is_target,
                #bound,
                #has_slot,
            {
                #root::__private::subset::<#attribute, #nested>(self.__src())
            }
        }
    });
    let replace = (relation.kind.is_many() && !relation.is_view_only()).then(|| {
        let replace = names.method("replace");
        let bound = quote_spanned!(field.span()=> __L: #is_loaded);
        let doc = doc(&format!(
            "Makes these the members of `{name}`: those that are missing are taken out, new ones come in."
        ));
        let (entity, is_target) = parts.target_parameter(relation);
        let is_member = parts.is_member(relation);
        quote! {
            #doc
            ///
            /// # Errors
            /// When a member belongs to another session, one that is taken out would be left without a required parent, or the write would
            /// take away what another handle was promised: nothing changed.
            #vis fn #replace<#entity>(
                &self,
                members: impl ::core::iter::IntoIterator<Item = impl #is_member>,
            ) -> #root::error::Result<()>
            where
                #is_target,
                #bound,
                #has_slot,
            {
                #root::__private::replace::<#attribute>(self.__src(), members)
            }
        }
    });
    quote! {
        #docs
        #vis fn #getter(&self) -> #handle::Handle<'s>
        where
            #bound,
            #has_slot,
            #kind: #root::relationship::Kind<#attribute, #nested>,
        {
            #handle::handle(self.__src())
        }

        #doc_try
        #vis fn #attempt(&self) -> ::core::result::Result<#handle::Handle<'s>, #root::error::StateError>
        where
            #has_slot,
            #kind: #root::relationship::Kind<#attribute, #nested>,
        {
            self.__src().check_loaded(#position)?;
            ::core::result::Result::Ok(#handle::handle(self.__src()))
        }

        #subset

        #replace
    }
}
