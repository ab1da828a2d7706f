//! `Serialize` of a detached value: what is there, in the order of the fields, as serde's own attributes say.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::detached::generics;
use super::parts::Parts;
use crate::attr::{SerdeField, Serializing};
use crate::model::{ColumnModel, Member};

pub(super) fn serialize(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, name, .. } = parts;
    let (generics, this) = generics(parts);
    let fields: Vec<Written> = parts.model.members().into_iter().filter_map(|member| written(parts, member)).collect();
    let always = fields.iter().filter(|field| field.condition.is_none()).count();
    let always = super::parts::number(always);
    let conditions = fields.iter().filter_map(|field| field.condition.as_ref());
    let count = quote!(#always #(+ ::core::primitive::usize::from(#conditions))*);
    let writing = fields.iter().map(|field| field.writing(root));
    quote! {
        #root::__private::if_serde! {
            #[automatically_derived]
            impl #generics #root::__private::serde::Serialize for #this {
                fn serialize<__S: #root::__private::serde::Serializer>(
                    &self,
                    serializer: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    let row = self.row.row();
                    let mut fields =
                        #root::__private::serde::Serializer::serialize_struct(serializer, #name, #count)?;
                    #(#writing)*
                    #root::__private::serde::ser::SerializeStruct::end(fields)
                }
            }
        }
    }
}

/// One field of the output.
struct Written {
    key: String,
    /// When it is there; always, if there is none.
    condition: Option<TokenStream>,
    /// What is given to `serialize_field`.
    value: TokenStream,
}

impl Written {
    fn writing(&self, root: &impl ToTokens) -> TokenStream {
        let Self { key, condition, value } = self;
        let serialize_struct = quote!(#root::__private::serde::ser::SerializeStruct);
        let write = quote!(#serialize_struct::serialize_field(&mut fields, #key, #value)?;);
        match condition {
            None => write,
            Some(condition) => quote! {
                if #condition {
                    #write
                } else {
                    #serialize_struct::skip_field(&mut fields, #key)?;
                }
            },
        }
    }
}

/// Nothing for what is sensitive or skipped.
fn written(parts: &Parts<'_>, member: Member<'_>) -> Option<Written> {
    let serde = match member {
        Member::Column(_, column) => &column.serde,
        Member::Relation(_, relation) => &relation.serde,
    };
    let is_sensitive = matches!(member, Member::Column(_, column) if column.settings.sensitive.is_some());
    if is_sensitive || matches!(serde.serializing, Serializing::Skipped) {
        return None;
    }
    let name = &member.names().name;
    let key = match (&serde.rename, parts.model.serde.rename_all) {
        (Some(rename), _) => rename.value(),
        (None, Some(rule)) => rule.apply(name),
        (None, None) => name.clone(),
    };
    let Parts { root, .. } = parts;
    let slot = parts.slots.iter().find(|slot| slot.names().name == *name);
    let present = slot.map(|slot| {
        let (parameter, stored) = (&slot.parameter, &slot.stored);
        quote!(<#parameter as #root::load::Slot>::is_present(&self.#stored))
    });
    match member {
        Member::Relation(..) => {
            let stored = slot.map(|slot| &slot.stored);
            Some(Written { key, condition: present, value: quote!(&self.#stored) })
        }
        Member::Column(_, column) => {
            let field = &column.field;
            // Spanned at the type: one that does not serialise is said there.
            let value = match column.deferred {
                true => quote_spanned!(column.ty.span()=> row.#field.expect_loaded()),
                false => quote_spanned!(column.ty.span()=> &row.#field),
            };
            let kept = serde.skip_if.as_ref().map(|skip_if| quote!(!#skip_if(#value)));
            let condition = match (present, kept) {
                (Some(present), Some(kept)) => Some(quote!((#present && #kept))),
                (present, kept) => present.or(kept),
            };
            Some(Written { key, condition, value: through(root, column, serde, value) })
        }
    }
}

/// The value, or the value behind the function that `with` names.
fn through(root: &impl ToTokens, column: &ColumnModel, serde: &SerdeField, value: TokenStream) -> TokenStream {
    let Serializing::With(function) = &serde.serializing else { return value };
    let ty = &column.ty;
    let wrapper: Ident = format_ident!("__With");
    quote! {
        &{
            struct #wrapper<'v>(&'v #ty);

            impl #root::__private::serde::Serialize for #wrapper<'_> {
                fn serialize<__S: #root::__private::serde::Serializer>(
                    &self,
                    serializer: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    #function(self.0, serializer)
                }
            }

            #wrapper(#value)
        }
    }
}
