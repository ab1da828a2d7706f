//! The constants and functions on the entity itself: `User::EMAIL`, `User::POSTS`, `User::select()`, `User::builder()`.

use proc_macro2::TokenStream;
use quote::quote;

use super::parts::{Parts, doc, number};
use crate::model::Member;

pub(super) fn constants(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, model, ident, vis, name, builder, changes, .. } = parts;
    let quiet = parts.quiet();
    let attribute = |member: Member<'_>| {
        let slot = parts.slots.iter().find(|slot| slot.names().name == member.names().name);
        slot.map(|slot| slot.attribute.clone())
    };
    let constants = model.members().into_iter().map(|member| {
        let constant = &member.names().constant;
        let field = &member.names().name;
        match (member, attribute(member)) {
            (Member::Column(_, column), Some(attribute)) => {
                let ty = &column.ty;
                let doc = doc(&format!("The deferred column `{field}`."));
                quote! {
                    #doc
                    #vis const #constant: #root::relationship::DeferredColumn<#attribute, #ty> =
                        #root::relationship::DeferredColumn::new();
                }
            }
            (Member::Column(position, column), None) => {
                let ty = &column.ty;
                let position = number(position);
                let doc = doc(&format!("The column `{field}`."));
                quote! {
                    #doc
                    #vis const #constant: #root::expr::Column<#ident, #ty> = #root::expr::Column::new(#position);
                }
            }
            (Member::Relation(..), attribute) => {
                let doc = doc(&format!("The relationship `{field}`."));
                quote! {
                    #doc
                    #vis const #constant: #root::relationship::Rel<#attribute> = #root::relationship::Rel::new();
                }
            }
        }
    });
    let select = doc(&format!("A query for objects of `{name}`."));
    let build = doc(&format!("A new `{name}`, to be set column by column."));
    let change = doc(&format!("No changes of a `{name}`, to be set column by column: for `apply` and `merge`."));
    quote! {
        #quiet
        impl #ident {
            #(#constants)*

            #select
            #[must_use]
            #vis fn select() -> #root::query::Select<#ident> {
                #root::query::Select::new()
            }

            #build
            #[must_use]
            #vis fn builder() -> #builder {
                #builder { inner: #root::handle::Transient::new(), types: ::core::marker::PhantomData }
            }

            #change
            #[must_use]
            #vis fn changes() -> #changes {
                #changes::default()
            }
        }
    }
}
