//! Walks the keys of `#[orm(..)]` and goes on behind a mistake.

use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Meta, Token};

use super::keys::{self, Place};
use crate::catalogue;
use crate::diagnostics::Ctxt;

/// A key as the user typed it.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) ident: Ident,
    /// What is being described, for the examples in messages.
    pub(super) place: Place,
}

impl Key {
    pub(super) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

/// What a key set, with the key for the caret.
#[derive(Clone, Debug)]
pub(crate) struct Setting<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// Fills a setting; refuses to fill it twice.
pub(super) fn set<T>(slot: &mut Option<Setting<T>>, key: &Key, value: T) -> syn::Result<()> {
    if slot.is_some() {
        return Err(catalogue::duplicate_key(&key.name()).at(&key.ident));
    }
    *slot = Some(Setting { key: key.ident.clone(), value });
    Ok(())
}

/// Gives each key of every `#[orm(..)]` to `accept`, which reads its value from the stream.
///
/// Keys that do not belong to the place are refused here, so `accept` sees none of them.
pub(super) fn read(
    cx: &Ctxt,
    attributes: &[Attribute],
    place: Place,
    mut accept: impl FnMut(&Key, ParseStream<'_>) -> syn::Result<()>,
) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("orm")) {
        let Meta::List(list) = &attribute.meta else {
            cx.refuse(attribute.path(), catalogue::attribute_without_list());
            continue;
        };
        if list.tokens.is_empty() {
            cx.refuse(attribute.path(), catalogue::attribute_without_list());
        }
        let walk = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = read_one(input, place, &mut accept) {
                    cx.add(error);
                    skip_to_next(input)?;
                }
            }
            Ok(())
        };
        cx.take(walk.parse2(list.tokens.clone()));
    }
}

/// One `key`, `key = value` or `key(..)` and the comma behind it.
fn read_one(
    input: ParseStream<'_>,
    place: Place,
    accept: &mut impl FnMut(&Key, ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    if !input.peek(Ident::peek_any) {
        return Err(catalogue::expected_key().at_span(input.span()));
    }
    let key = Key { ident: input.call(Ident::parse_any)?, place };
    keys::admit(&key)?;
    accept(&key, input)?;
    if input.is_empty() {
        return Ok(());
    }
    if !input.peek(Token![,]) {
        return Err(catalogue::no_comma(&key.name()).at_span(input.span()));
    }
    input.parse::<Token![,]>().map(|_| ())
}

/// After a mistake, goes on behind the next comma.
fn skip_to_next(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        if input.parse::<Option<Token![,]>>()?.is_some() {
            break;
        }
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
