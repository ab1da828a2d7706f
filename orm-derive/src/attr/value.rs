//! The shapes that the value of a key can have.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Lit, LitBool, LitInt, LitStr, Path, Token, parenthesized, token};

use super::keys::example_of;
use super::reader::Key;
use crate::catalogue;
use crate::naming::RenameRule;

impl Key {
    /// "`length` is written `length = 255`", pointing there.
    pub(super) fn malformed(&self, span: Span) -> syn::Error {
        catalogue::malformed(example_of(&self.name(), self.place)).at_span(span)
    }
}

/// A key that stands alone.
pub(super) fn flag(key: &Key, input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![=]) || input.peek(token::Paren) {
        return Err(catalogue::flag_with_value(&key.name()).at(&key.ident));
    }
    Ok(())
}

/// Behind the key: `= value`.
fn after_equals<T>(
    key: &Key,
    input: ParseStream<'_>,
    read: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    if !input.peek(Token![=]) {
        return Err(key.malformed(key.ident.span()));
    }
    input.parse::<Token![=]>()?;
    if input.is_empty() {
        return Err(key.malformed(key.ident.span()));
    }
    let span = input.span();
    read(input).map_err(|_| key.malformed(span))
}

/// `key = "text"`, not empty.
pub(super) fn string(key: &Key, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let text: LitStr = after_equals(key, input, Parse::parse)?;
    if text.value().trim().is_empty() {
        return Err(catalogue::empty_string(&key.name(), example_of(&key.name(), key.place)).at(text));
    }
    Ok(text)
}

/// `key = "users"`: the name of something in a database.
pub(super) fn identifier(key: &Key, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let name = string(key, input)?;
    check_identifier(&name)?;
    Ok(name)
}

/// A name is written in quotes, so that it may hold all but what some server takes from no one.
pub(super) fn check_identifier(name: &LitStr) -> syn::Result<()> {
    let text = name.value();
    if text.contains(char::is_control) {
        return Err(catalogue::control_character_in_name(&text).at(name));
    }
    if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        return Err(catalogue::blank_around_name(&text).at(name));
    }
    Ok(())
}

/// `key = 255`.
pub(super) fn number(key: &Key, input: ParseStream<'_>) -> syn::Result<u32> {
    let number: LitInt = after_equals(key, input, Parse::parse)?;
    number.base10_parse().map_err(|_| key.malformed(number.span()))
}

/// `key = true`.
pub(super) fn boolean(key: &Key, input: ParseStream<'_>) -> syn::Result<LitBool> {
    after_equals(key, input, Parse::parse)
}

/// `key = some + expression()`.
pub(super) fn expression(key: &Key, input: ParseStream<'_>) -> syn::Result<Expr> {
    after_equals(key, input, Parse::parse)
}

/// `key = some::path`. `Self` names a type, and no path of a crate begins with one.
pub(super) fn path(key: &Key, input: ParseStream<'_>) -> syn::Result<Path> {
    let path = after_equals(key, input, Path::parse_mod_style)?;
    match path.segments.iter().find(|segment| segment.ident == "Self") {
        Some(segment) => Err(key.malformed(segment.ident.span())),
        None => Ok(path),
    }
}

/// `key = "name_of_a_method"`.
pub(super) fn method_name(key: &Key, input: ParseStream<'_>) -> syn::Result<Ident> {
    let text = string(key, input)?;
    text.parse_with(Ident::parse).map_err(|_| catalogue::not_an_identifier(&text.value()).at(&text))
}

/// `key = "snake_case"`.
pub(super) fn rename_rule(key: &Key, input: ParseStream<'_>) -> syn::Result<RenameRule> {
    let text = string(key, input)?;
    RenameRule::named(&text.value()).ok_or_else(|| catalogue::unknown_rename_rule(&text.value()).at(&text))
}

/// `key = field`.
pub(super) fn field(key: &Key, input: ParseStream<'_>) -> syn::Result<Ident> {
    refuse_quotes(key, input)?;
    after_equals(key, input, Ident::parse_any)
}

/// `key = field` or `key = (first, second)`.
pub(super) fn fields(key: &Key, input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    one_or_more(key, input, Ident::parse_any)
}

/// `key = item` or `key = (item, item)`.
pub(super) fn one_or_more<T>(
    key: &Key,
    input: ParseStream<'_>,
    read: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    refuse_quotes(key, input)?;
    let span = key.ident.span();
    let items = after_equals(key, input, |input| {
        if !input.peek(token::Paren) {
            return Ok(vec![read(input)?]);
        }
        let list = |list: ParseStream<'_>| Punctuated::<T, Token![,]>::parse_terminated_with(list, read);
        Ok(in_parentheses(input, list)?.into_iter().collect())
    })?;
    if items.is_empty() {
        return Err(key.malformed(span));
    }
    Ok(items)
}

/// Fields are named, not quoted: the usual slip, and it deserves its own words.
fn refuse_quotes(key: &Key, input: ParseStream<'_>) -> syn::Result<()> {
    let ahead = input.fork();
    if ahead.parse::<Token![=]>().is_err() {
        return Ok(());
    }
    match ahead.parse::<Lit>() {
        Ok(Lit::Str(text)) => Err(catalogue::quoted_field(&key.name(), &text.value()).at(text)),
        _ => Ok(()),
    }
}

/// `(..)`. After a mistake the rest is passed over, or syn would report it as a second one.
pub(super) fn in_parentheses<T>(
    input: ParseStream<'_>,
    read: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    let list;
    parenthesized!(list in input);
    read(&list).inspect_err(|_| {
        list.parse::<TokenStream>().ok();
    })
}
