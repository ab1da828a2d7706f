//! The grammar of `loaded!(User { posts { author }, bio })`: a load state by the names that the user gave.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, Path, Token, braced, token};

use crate::catalogue;

/// `::orm_core; User { posts { author }, bio }`: `loaded!` puts the path in front.
pub(crate) struct LoadedType {
    pub(crate) krate: Path,
    pub(crate) entity: Path,
    pub(crate) items: Vec<LoadedItem>,
}

/// A relationship or deferred column that is loaded.
pub(crate) struct LoadedItem {
    pub(crate) name: Ident,
    /// What its members hold, where braces say it.
    pub(crate) members: Option<Vec<LoadedItem>>,
}

impl Parse for LoadedType {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = input.call(Path::parse_mod_style)?;
        input.parse::<Token![;]>()?;
        let entity =
            input.call(Path::parse_mod_style).map_err(|_| catalogue::loaded_grammar().at_span(input.span()))?;
        let items = if input.is_empty() { Vec::new() } else { items(input)? };
        if !input.is_empty() {
            return Err(catalogue::loaded_grammar().at_span(input.span()));
        }
        Ok(Self { krate, entity, items })
    }
}

impl Parse for LoadedItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any).map_err(|_| catalogue::loaded_grammar().at_span(input.span()))?;
        let members = if input.peek(token::Brace) { Some(items(input)?) } else { None };
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(catalogue::loaded_grammar().at_span(input.span()));
        }
        Ok(Self { name, members })
    }
}

/// `{ posts { author }, bio }`
fn items(input: ParseStream<'_>) -> syn::Result<Vec<LoadedItem>> {
    if !input.peek(token::Brace) {
        return Err(catalogue::loaded_grammar().at_span(input.span()));
    }
    let list;
    braced!(list in input);
    Ok(Punctuated::<LoadedItem, Token![,]>::parse_terminated(&list)?.into_iter().collect())
}
