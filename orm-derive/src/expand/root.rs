//! The path under which generated code finds `orm_core`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;

/// `::orm_core`, or what `#[orm(crate = ..)]` says.
#[derive(Clone, Debug)]
pub(crate) struct Root(TokenStream);

impl Root {
    pub(crate) fn of(krate: Option<&Path>) -> Self {
        Self(krate.map_or_else(|| quote!(::orm_core), ToTokens::to_token_stream))
    }
}

impl ToTokens for Root {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}
