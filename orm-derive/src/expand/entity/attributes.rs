//! Each relationship and deferred column as a type: what the slots of load states carry.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::parts::{Parts, Slot, doc, number};
use crate::expand::Root;
use crate::model::Member;

/// As many letters as a name can have as a type.
const LETTERS: usize = 64;

pub(super) fn attributes(parts: &Parts<'_>) -> TokenStream {
    let names = names(parts);
    parts.slots.iter().map(|slot| attribute(parts, slot)).chain([names]).collect()
}

/// What a name in `loaded!` stands for. A trait of the entity's own, so that a misspelled one is answered with those that are there.
fn names(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, ident, vis, name, .. } = parts;
    let quiet = parts.quiet();
    let named = &parts.named;
    let known: Vec<String> = parts.slots.iter().map(|slot| format!("`{}`", slot.names().name)).collect();
    let message = format!("`{name}` has no relationship or deferred column of this name");
    let note = match known.split_last() {
        None => format!("`{name}` has no relationship and no deferred column"),
        Some((only, [])) => format!("the only one of `{name}` is {only}"),
        Some((last, others)) => format!("those of `{name}` are {} and {last}", others.join(", ")),
    };
    let each = parts.slots.iter().filter_map(|slot| {
        let attribute = &slot.attribute;
        let spelled = spelled(root, &slot.names().name, slot.field().span())?;
        Some(quote! {
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl #named for #spelled {
                type Attribute = #attribute;
            }
        })
    });
    // Spanned at the entity, which is where the name is looked for.
    let all = quote_spanned! {ident.span()=>
        #[automatically_derived]
        impl<__N: #named> #root::load::Named<__N> for #ident {
            type Attribute = <__N as #named>::Attribute;
        }
    };
    quote! {
        #quiet
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(message = #message, label = "no such relationship or deferred column", note = #note)]
        #vis trait #named {
            type Attribute: #root::relationship::Attribute<Entity = #ident>;
        }

        #(#each)*

        #all
    }
}

fn attribute(parts: &Parts<'_>, slot: &Slot<'_>) -> TokenStream {
    let Parts { root, ident, vis, .. } = parts;
    let quiet = parts.quiet();
    let attribute = &slot.attribute;
    let name = &slot.names().name;
    let position = number(slot.position());
    let (kind, relation) = match slot.member {
        Member::Column(..) => (quote!(#root::relationship::DeferredKind), None),
        Member::Relation(_, relation) => {
            let target = &relation.target;
            // Spanned at the type: where it is less visible than this entity, or no entity, rustc says so there.
            let associated = quote_spanned!(target.span()=> type Target = #target;);
            let implementation = quote! {
                #[automatically_derived]
                impl #root::relationship::Relation for #attribute {
                    #associated
                }
            };
            (parts.kind(relation), Some(implementation))
        }
    };
    // Documented, not hidden: messages show what is hidden with its whole path.
    let doc = doc(&format!("`{}.{name}` as a type: what load states are made of.", parts.name));
    // Spanned at the field, which is where a hint that cannot be merged says it is declared.
    let grows = quote_spanned! {slot.field().span()=>
        #[automatically_derived]
        impl<__L, __S> #root::load::GrowsIn<#ident, __L, __S> for #attribute
        where
            __L: #root::load::PutSlot<#attribute, __S>,
        {
            type Output = <__L as #root::load::PutSlot<#attribute, __S>>::Output;
        }
    };
    quote! {
        #doc
        #quiet
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        #vis enum #attribute {}

        #[automatically_derived]
        impl #root::relationship::Attribute for #attribute {
            type Entity = #ident;
            type Kind = #kind;
            const NAME: &'static ::core::primitive::str = #name;
            const INDEX: ::core::primitive::usize = #position;
        }

        #relation

        #grows
    }
}

/// `Name<'p', 'o', 's', 't', 's'>`; a longer name has no such type.
pub(crate) fn spelled(root: &Root, name: &str, span: proc_macro2::Span) -> Option<TokenStream> {
    let letters: Vec<Literal> = name
        .chars()
        .map(|letter| {
            let mut literal = Literal::character(letter);
            literal.set_span(span);
            literal
        })
        .collect();
    (letters.len() <= LETTERS).then(|| quote_spanned!(span=> #root::load::Name<#(#letters),*>))
}
