//! The methods that write a relationship, the same for persistent and pending objects.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::bounds::view_only_bound;
use super::parts::{Parts, doc, number};
use crate::model::RelationModel;

pub(super) fn writes(parts: &Parts<'_>, position: usize, relation: &RelationModel) -> TokenStream {
    if relation.is_view_only() {
        return refused(parts, relation);
    }
    if relation.kind.is_many() { to_many(parts, position, relation) } else { to_one(parts, position, relation) }
}

/// For `viewonly`, methods that do not compile and say why.
fn refused(parts: &Parts<'_>, relation: &RelationModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let names = &relation.names;
    let bound = view_only_bound(parts, relation);
    let bound = quote_spanned!(relation.field.span()=> Self: #bound);
    let verbs: &[&str] =
        if relation.kind.is_many() { &["add_to", "extend", "remove_from", "replace"] } else { &["set"] };
    let methods = verbs.iter().map(|verb| names.method(verb));
    let clear = names.method("clear");
    quote! {
        #(
            #[doc(hidden)]
            #vis fn #methods<__V>(&self, _: __V) -> #root::error::Result<()>
            where
                #bound,
            {
                ::core::result::Result::Ok(())
            }
        )*

        #[doc(hidden)]
        #vis fn #clear(&self) -> #root::error::Result<()>
        where
            #bound,
        {
            ::core::result::Result::Ok(())
        }
    }
}

fn to_one(parts: &Parts<'_>, position: usize, relation: &RelationModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let RelationModel { names, .. } = relation;
    let attribute = parts.attribute(relation);
    let (entity, is_target) = parts.target_parameter(relation);
    let is_member = parts.is_member(relation);
    let position = number(position);
    let (set, clear) = (names.method("set"), names.method("clear"));
    let doc_set = doc(&format!("Sets `{}`: takes a handle, a pending object, a builder or a key.", names.name));
    let doc_clear = doc(&format!("Leaves `{}` without a target.", names.name));
    quote! {
        #doc_set
        ///
        /// # Errors
        /// When the target belongs to another session, or the write would take away what another handle was promised.
        #vis fn #set<#entity>(&self, target: impl #is_member) -> #root::error::Result<()>
        where
            #is_target,
        {
            #root::__private::link::<#attribute>(self.__src(), target)
        }

        #doc_clear
        ///
        /// # Errors
        /// When a target is required, or the write would take away what another handle was promised.
        #vis fn #clear(&self) -> #root::error::Result<()> {
            self.__src().clear(#position)
        }
    }
}

fn to_many(parts: &Parts<'_>, position: usize, relation: &RelationModel) -> TokenStream {
    let Parts { root, vis, .. } = parts;
    let RelationModel { names, .. } = relation;
    let attribute = parts.attribute(relation);
    let (entity, is_target) = parts.target_parameter(relation);
    let is_member = parts.is_member(relation);
    let position = number(position);
    let (add, extend) = (names.method("add_to"), names.method("extend"));
    let (remove, clear) = (names.method("remove_from"), names.method("clear"));
    let name = &names.name;
    let doc_add = doc(&format!("Adds to `{name}`: takes a handle, a pending object, a builder or a key."));
    let doc_extend = doc(&format!("Adds several to `{name}`: all of them, or none."));
    let doc_remove = doc(&format!(
        "Takes an object out of `{name}`. Nothing happens where it is not in it, loaded or not: somebody else's stays where it is."
    ));
    let doc_clear = doc(&format!("Takes every object out of `{name}`."));
    quote! {
        #doc_add
        ///
        /// # Errors
        /// When the member belongs to another session, or the write would take away what another handle was promised.
        #vis fn #add<#entity>(&self, member: impl #is_member) -> #root::error::Result<()>
        where
            #is_target,
        {
            #root::__private::link::<#attribute>(self.__src(), member)
        }

        #doc_extend
        ///
        /// # Errors
        /// When a member belongs to another session, or the write would take away what another handle was promised: nothing changed.
        #vis fn #extend<#entity>(
            &self,
            members: impl ::core::iter::IntoIterator<Item = impl #is_member>,
        ) -> #root::error::Result<()>
        where
            #is_target,
        {
            #root::__private::extend::<#attribute>(self.__src(), members)
        }

        #doc_remove
        ///
        /// # Errors
        /// When the member belongs to another session, or would be left without a required parent.
        #vis fn #remove<#entity, __M: 'static>(&self, member: &#root::handle::Persistent<'_, __T, __M>) -> #root::error::Result<()>
        where
            #is_target,
        {
            #root::__private::unlink::<#attribute, __M>(self.__src(), member)
        }

        #doc_clear
        ///
        /// # Errors
        /// When a member would be left without a required parent.
        #vis fn #clear(&self) -> #root::error::Result<()> {
            self.__src().clear(#position)
        }
    }
}
