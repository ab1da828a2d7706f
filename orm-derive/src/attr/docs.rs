//! The doc comment of a field, which becomes that of its getter.

use syn::Attribute;

/// The lines of a doc comment, as attributes to repeat.
#[derive(Clone, Debug, Default)]
pub(crate) struct Docs(Vec<Attribute>);

impl Docs {
    pub(crate) fn read(attributes: &[Attribute]) -> Self {
        Self(attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl quote::ToTokens for Docs {
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        for attribute in &self.0 {
            attribute.to_tokens(tokens);
        }
    }
}
