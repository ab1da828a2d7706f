//! The type that `loaded!` names: what is known at least, with one slot after the other grown.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::entity::spelled;
use super::root::Root;
use crate::loaded::{LoadedItem, LoadedType};
use crate::naming;

/// What `loaded!(..)` becomes.
pub(crate) fn loaded(loaded: &LoadedType) -> TokenStream {
    let root = Root::of(Some(&loaded.krate));
    state(&root, &loaded.entity.to_token_stream(), &loaded.items)
}

fn state(root: &Root, entity: &TokenStream, items: &[LoadedItem]) -> TokenStream {
    // What does not hold is shown at the name that the user wrote, not at the macro.
    let place = entity.clone().into_iter().last().map_or_else(Span::call_site, |last| last.span());
    let bare = quote_spanned!(place=> <#entity as #root::entity::Entity>::Bare);
    items.iter().fold(bare, |state, item| {
        let name = naming::plain(&item.name);
        let Some(spelled) = spelled(root, &name, item.name.span()) else {
            return crate::catalogue::name_too_long(&name).at(&item.name).to_compile_error();
        };
        let members = match &item.members {
            None => quote_spanned!(item.name.span()=> #root::__private::BareNested<#entity, #spelled>),
            Some(members) => {
                let target = quote_spanned!(item.name.span()=> #root::__private::TargetOf<#entity, #spelled>);
                self::state(root, &target, members)
            }
        };
        quote_spanned!(item.name.span()=> #root::__private::WithLoaded<#state, #entity, #spelled, #members>)
    })
}
