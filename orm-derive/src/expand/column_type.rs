//! `impl ColumnType` for newtypes and enums.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Index;
use syn::spanned::Spanned;

use super::root::Root;
use crate::model::{ColumnTypeModel, EnumModel, EnumStorage, KnownType, NewtypeModel};
use crate::naming;

/// What `#[derive(ColumnType)]` emits.
pub(crate) fn column_type(model: &ColumnTypeModel) -> TokenStream {
    match model {
        ColumnTypeModel::Newtype(model) => newtype(model),
        ColumnTypeModel::Enum(model) => enumeration(model),
    }
}

/// Everything goes to the type inside.
fn newtype(model: &NewtypeModel) -> TokenStream {
    let NewtypeModel { ident, ty, field, krate } = model;
    let root = Root::of(krate.as_ref());
    let member = field.as_ref().map_or_else(|| Index::from(0).into_token_stream(), ToTokens::to_token_stream);
    // Spanned at the type, so that "cannot be a column" points there.
    let inner = quote_spanned!(ty.span()=> <#ty as #root::value::ColumnType>);
    let (reference, get) = match KnownType::of(ty) {
        // Types that are known to be `Copy` are handed out as values, as those inside are.
        KnownType::Boolean | KnownType::Integer | KnownType::Float | KnownType::Other => {
            (quote!(Self), quote!(Self { #member: self.#member }))
        }
        _ => (quote!(&'r Self), quote!(self)),
    };
    let text = (KnownType::of(ty) == KnownType::Text).then(|| {
        quote! {
            #[automatically_derived]
            impl #root::expr::TextColumn for #ident {}
        }
    });
    quote! {
        #text

        #[automatically_derived]
        impl #root::value::ColumnType for #ident {
            type Ref<'r> = #reference;

            const SQL_TYPE: #root::schema::SqlType = #inner::SQL_TYPE;

            const NULLABLE: ::core::primitive::bool = #inner::NULLABLE;

            #[inline]
            fn get(&self) -> Self::Ref<'_> {
                #get
            }

            #[inline]
            fn decode(
                raw: #root::value::Raw<'_>,
            ) -> ::core::result::Result<Self, #root::value::DecodeError> {
                ::core::result::Result::Ok(Self { #member: #inner::decode(raw)? })
            }

            fn to_value(&self) -> #root::value::Value {
                #inner::to_value(&self.#member)
            }

            fn null() -> #root::value::Value {
                #inner::null()
            }

            fn from_value(
                value: &#root::value::Value,
            ) -> ::core::result::Result<Self, #root::value::DecodeError> {
                ::core::result::Result::Ok(Self { #member: #inner::from_value(value)? })
            }

            #[inline]
            fn same(&self, other: &Self) -> ::core::primitive::bool {
                #inner::same(&self.#member, &other.#member)
            }

            #[inline]
            fn kept(self) -> Self {
                Self { #member: #inner::kept(self.#member) }
            }
        }
    }
}

/// The parts that differ between the ways an enum is stored.
struct Stored {
    sql_type: TokenStream,
    decode: TokenStream,
    to_value: TokenStream,
    null: TokenStream,
    from_value: TokenStream,
    /// Functions and constants of its own.
    inherent: TokenStream,
}

fn enumeration(model: &EnumModel) -> TokenStream {
    let ident = &model.ident;
    let root = Root::of(model.krate());
    let variants = model.variants.iter().map(|variant| &variant.ident);
    let stored = match model.storage() {
        EnumStorage::Integer => as_integer(model, &root),
        EnumStorage::Text => as_text(model, &root),
        EnumStorage::Postgres(name) => as_postgres_enum(model, &name, &root),
    };
    let Stored { sql_type, decode, to_value, null, from_value, inherent } = stored;
    quote! {
        #inherent

        #[automatically_derived]
        impl #root::value::ColumnType for #ident {
            type Ref<'r> = Self;

            const SQL_TYPE: #root::schema::SqlType = #sql_type;

            #[inline]
            fn get(&self) -> Self {
                match self {
                    #(Self::#variants => Self::#variants,)*
                }
            }

            fn decode(
                raw: #root::value::Raw<'_>,
            ) -> ::core::result::Result<Self, #root::value::DecodeError> {
                #decode
            }

            fn to_value(&self) -> #root::value::Value {
                #to_value
            }

            fn null() -> #root::value::Value {
                #null
            }

            fn from_value(
                value: &#root::value::Value,
            ) -> ::core::result::Result<Self, #root::value::DecodeError> {
                #from_value
            }

            #[inline]
            fn same(&self, other: &Self) -> ::core::primitive::bool {
                ::core::mem::discriminant(self) == ::core::mem::discriminant(other)
            }
        }
    }
}

fn as_text(model: &EnumModel, root: &Root) -> Stored {
    let text = quote!(<::std::string::String as #root::value::ColumnType>);
    let label = label_of(model);
    Stored {
        sql_type: quote!(#root::schema::SqlType::Text),
        decode: quote!(Self::__orm_from_label(raw.text()?)),
        to_value: quote!(#text::to_value(&::std::string::String::from(#label))),
        null: quote!(#text::null()),
        from_value: quote!(Self::__orm_from_label(&#text::from_value(value)?)),
        inherent: from_label(model, root),
    }
}

/// Bound and sent as text: the dialect casts it, by the type of the column.
fn as_postgres_enum(model: &EnumModel, name: &str, root: &Root) -> Stored {
    let labels = model.variants.iter().map(|variant| &variant.label);
    let definition = quote! {
        #root::schema::SqlType::Enum(&#root::schema::EnumDef { name: #name, labels: &[#(#labels),*] })
    };
    Stored { sql_type: definition, ..as_text(model, root) }
}

/// `match self { Self::Happy => "happy", .. }`
fn label_of(model: &EnumModel) -> TokenStream {
    let variants = model.variants.iter().map(|variant| &variant.ident);
    let labels = model.variants.iter().map(|variant| &variant.label);
    quote!(match self { #(Self::#variants => #labels,)* })
}

fn from_label(model: &EnumModel, root: &Root) -> TokenStream {
    let ident = &model.ident;
    let variants = model.variants.iter().map(|variant| &variant.ident);
    let labels: Vec<&String> = model.variants.iter().map(|variant| &variant.label).collect();
    let expected = labels.iter().map(|label| format!("{label:?}")).collect::<Vec<_>>().join(", ");
    let unknown = unknown_value(&expected, root);
    quote! {
        #[automatically_derived]
        impl #ident {
            fn __orm_from_label(
                found: &::core::primitive::str,
            ) -> ::core::result::Result<Self, #root::value::DecodeError> {
                match found {
                    #(#labels => ::core::result::Result::Ok(Self::#variants),)*
                    _ => #unknown,
                }
            }
        }
    }
}

fn as_integer(model: &EnumModel, root: &Root) -> Stored {
    let ident = &model.ident;
    let repr = model.settings.repr.as_ref().map_or_else(|| quote!(::core::primitive::i32), ToTokens::to_token_stream);
    let integer = quote!(<#repr as #root::value::ColumnType>);
    let variants: Vec<_> = model.variants.iter().map(|variant| &variant.ident).collect();
    let expected = variants.iter().map(|variant| naming::plain(variant)).collect::<Vec<_>>().join(", ");
    let unknown = unknown_value(&format!("a number of {expected}"), root);
    let too_large = Literal::string(&format!(
        "a discriminant of `{}` does not fit the 32 bits of its column: give the enum a `#[repr(i64)]`",
        naming::plain(ident)
    ));
    let fits = model.settings.repr.is_none().then(|| {
        quote! {
            const _: () = {
                #(::core::assert!(
                    #ident::#variants as ::core::primitive::i64
                        == #ident::#variants as ::core::primitive::i32 as ::core::primitive::i64,
                    #too_large
                );)*
            };
        }
    });
    Stored {
        sql_type: quote!(#integer::SQL_TYPE),
        decode: quote!(Self::__orm_from_number(#integer::decode(raw)?)),
        to_value: quote!(#integer::to_value(&match self { #(Self::#variants => Self::#variants as #repr,)* })),
        null: quote!(#integer::null()),
        from_value: quote!(Self::__orm_from_number(#integer::from_value(value)?)),
        inherent: quote! {
            #fits

            #[automatically_derived]
            impl #ident {
                fn __orm_from_number(
                    found: #repr,
                ) -> ::core::result::Result<Self, #root::value::DecodeError> {
                    #(if found == Self::#variants as #repr {
                        return ::core::result::Result::Ok(Self::#variants);
                    })*
                    #unknown
                }
            }
        },
    }
}

fn unknown_value(expected: &str, root: &Root) -> TokenStream {
    let text =
        Literal::string(&format!("found {{found:?}}, expected {}", expected.replace('{', "{{").replace('}', "}}")));
    quote!(::core::result::Result::Err(#root::value::DecodeError::new(::std::format!(#text))))
}
