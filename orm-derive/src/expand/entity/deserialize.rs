//! `Deserialize` of a detached value, where the entity asks for it: what `Serialize` wrote.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::changes::names_read;
use super::detached::generics;
use super::parts::{Parts, Slot, number};
use crate::attr::Deserializing;
use crate::model::{ColumnModel, Member};

pub(super) fn deserialize(parts: &Parts<'_>) -> TokenStream {
    if parts.model.settings.deserialize.is_none() {
        return TokenStream::new();
    }
    let Parts { root, ident, name, owned, draft, .. } = parts;
    let private = quote!(#root::__private);
    let (_, this) = generics(parts);
    let load = parts.load_of_parameters();
    let slots = || parts.slots.iter();
    let parameters = slots().map(|Slot { parameter, attribute, member, .. }| {
        let read = match member {
            Member::Column(..) => quote!(#private::ReadDeferred),
            Member::Relation(..) => quote!(#private::ReadSlot<'de>),
        };
        quote!(#parameter: #root::load::Slot<Attribute = #attribute> + #read)
    });
    let parameters = quote!(#(#parameters,)*);
    let names: Vec<_> = slots().map(|slot| &slot.parameter).collect();
    let visitor = format_ident!("__OfEntity");
    let relations: Vec<&Slot<'_>> = slots().filter(|slot| matches!(slot.member, Member::Relation(..))).collect();
    let stored: Vec<_> = relations.iter().map(|slot| &slot.stored).collect();
    let columns = parts.model.columns.iter().enumerate().filter_map(|(at, column)| column_arm(parts, at, column));
    let related = relations.iter().filter_map(|slot| relation_arm(parts, slot));
    let fields = slots().map(|slot| {
        let Slot { parameter, stored, member, .. } = slot;
        let field = &member.names().name;
        let value = match member {
            Member::Column(_, column) => {
                let field = &column.field;
                quote!(<#parameter as #private::ReadDeferred>::stored(row.row().#field.get()))
            }
            Member::Relation(..) => quote!(#stored.or_else(<#parameter as #private::ReadSlot<'de>>::missing)),
        };
        let missing = quote!(<__A::Error as #private::serde::de::Error>::missing_field(#field));
        quote!(#stored: #value.ok_or_else(|| #missing)?)
    });
    quote! {
        #private::if_serde! {
            #[automatically_derived]
            impl<'de, #parameters> #private::ReadDetached<'de, #load> for #ident {
                fn read<__D: #private::serde::Deserializer<'de>>(
                    deserializer: __D,
                ) -> ::core::result::Result<#this, __D::Error> {
                    struct #visitor<#(#names),*>(::core::marker::PhantomData<fn() -> (#(#names,)*)>);

                    impl<'de, #parameters> #private::serde::de::Visitor<'de> for #visitor<#(#names),*> {
                        type Value = #this;

                        fn expecting(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                            formatter.write_str(::core::concat!("a detached `", #name, "`"))
                        }

                        fn visit_map<__A: #private::serde::de::MapAccess<'de>>(
                            self,
                            mut map: __A,
                        ) -> ::core::result::Result<#this, __A::Error> {
                            let mut draft = <#draft as ::core::default::Default>::default();
                            #(let mut #stored = ::core::option::Option::None;)*
                            while let ::core::option::Option::Some(name) =
                                map.next_key::<::std::string::String>()?
                            {
                                match name.as_str() {
                                    #(#columns,)*
                                    #(#related,)*
                                    _ => {
                                        map.next_value::<#private::serde::de::IgnoredAny>()?;
                                    }
                                }
                            }
                            let row = #private::read_row::<#ident, __A::Error>(draft)?;
                            ::core::result::Result::Ok(#owned { #(#fields,)* row })
                        }
                    }

                    #private::serde::Deserializer::deserialize_map(
                        deserializer,
                        #visitor(::core::marker::PhantomData),
                    )
                }
            }
        }
    }
}

/// Nothing for what is never written.
fn column_arm(parts: &Parts<'_>, position: usize, column: &ColumnModel) -> Option<TokenStream> {
    if column.settings.sensitive.is_some() {
        return None;
    }
    let Parts { root, ident, .. } = parts;
    let private = quote!(#root::__private);
    let names = names_read(parts, &column.names.name, &column.serde)?;
    let (field, ty, at) = (&column.field, &column.ty, number(position));
    let value = match &column.serde.deserializing {
        Deserializing::With(function) => quote! {{
            struct __With;

            impl<'de> #private::ReadWith<'de, #ty> for __With {
                fn read<__D: #private::serde::Deserializer<'de>>(
                    deserializer: __D,
                ) -> ::core::result::Result<#ty, __D::Error> {
                    #function(deserializer)
                }
            }

            #private::read_value_with::<#ident, #ty, __A, __With>(&mut map, #at, __With)?
        }},
        // Spanned at the type: one that is not read is said there.
        _ => {
            let read = quote_spanned!(ty.span()=> #private::read_value::<#ident, #ty, __A>);
            quote!(#read(&mut map, #at)?)
        }
    };
    Some(quote!(#(#names)|* => draft.#field = #value))
}

fn relation_arm(parts: &Parts<'_>, slot: &Slot<'_>) -> Option<TokenStream> {
    let Parts { root, .. } = parts;
    let Slot { parameter, stored, member, .. } = slot;
    let Member::Relation(_, relation) = member else { return None };
    let names = names_read(parts, &relation.names.name, &relation.serde)?;
    Some(quote! {
        #(#names)|* => {
            #stored = ::core::option::Option::Some(<#parameter as #root::__private::ReadSlot<'de>>::read(&mut map)?)
        }
    })
}
