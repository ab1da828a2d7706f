//! The methods that change a list of a detached value.

use proc_macro2::TokenStream;
use quote::quote;

use super::parts::{Parts, Slot, doc, shown_at};
use crate::model::RelationModel;

/// The methods that change a list, for `merge` to write.
pub(super) fn list_writes(parts: &Parts<'_>, slot: &Slot<'_>, relation: &RelationModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let Slot { parameter, stored, .. } = slot;
    let RelationModel { field, names, .. } = relation;
    let (name, mutable) = (&names.name, names.mutable_getter());
    let (add, remove, clear) = (names.method("add_to"), names.method("remove_from"), names.method("clear"));
    let attribute = parts.attribute(relation);
    let (entity, is_target) = parts.target_parameter(relation);
    let is_member = parts.is_member(relation);
    let is_key = shown_at(field.span(), quote!(#root::entity::IntoKey<__T>));
    let holds = shown_at(field.span(), quote!(#root::handle::HoldsList<#attribute>));
    let private = quote!(#root::__private);
    let doc_add = doc(&format!(
        "Adds to `{name}` of this value: takes a builder, a key or a handle; `session.merge` writes it, and from then on it shows."
    ));
    let doc_remove =
        doc(&format!("Takes the member with this key out of `{name}` of this value; `session.merge` writes it."));
    let doc_clear = doc(&format!(
        "Takes the members that this value holds out of its `{name}`; `session.merge` writes it, and leaves those that others added."
    ));
    let doc_mutable = doc(&format!(
        "The members of `{name}` that this value holds, to be set on: `session.merge` writes what is set."
    ));
    quote! {
        #doc_add
        ///
        /// # Errors
        /// When a query that decided at run time did not load the list.
        #vis fn #add<#entity>(&mut self, member: impl #is_member) -> #root::error::Result<()>
        where
            #is_target,
            #parameter: #holds,
        {
            #private::add_to_list::<#attribute, #parameter>(&mut self.#stored, member)
        }

        #doc_remove
        ///
        /// # Errors
        /// When this value does not hold such a member.
        #vis fn #remove<#entity>(&mut self, key: impl #is_key) -> #root::error::Result<()>
        where
            #is_target,
            #parameter: #holds,
        {
            #private::remove_from_list::<#attribute, #parameter>(&mut self.#stored, key)
        }

        #doc_clear
        ///
        /// # Errors
        /// When a query that decided at run time did not load the list.
        #vis fn #clear(&mut self) -> #root::error::Result<()>
        where
            #parameter: #holds,
        {
            #private::clear_list::<#attribute, #parameter>(&mut self.#stored)
        }

        #doc_mutable
        #[must_use]
        #vis fn #mutable<#entity>(
            &mut self,
        ) -> &mut [#root::handle::Detached<__T, <#parameter as #root::handle::HoldsList<#attribute>>::Members>]
        where
            #is_target,
            #parameter: #holds,
        {
            #private::members_mut::<#attribute, #parameter>(&mut self.#stored)
        }
    }
}
