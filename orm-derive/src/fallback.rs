//! Something harmless in place of the code that an item with an error does not get, so that one mistake is one error:
//! whatever uses the item still finds the traits it expects, and only the mistake itself is reported.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::attr;
use crate::expand::{self, Root};
use crate::model::EntityModel;

/// In place of an entity: the same code of a model whose mistakes are mended, so that `User::NAME`, getters and queries
/// are there all the same. What asks the other entities is left out, and nothing of it can run.
pub(crate) fn entity(item: &DeriveInput, model: Option<EntityModel>) -> TokenStream {
    match model.unwrap_or_else(|| EntityModel::opaque(item)).mended() {
        // Each use would have to name the parameters, which no entity has.
        _ if !item.generics.params.is_empty() => TokenStream::new(),
        model => expand::entity_in_place(&model),
    }
}

/// In place of a column type.
pub(crate) fn column_type(item: &DeriveInput) -> TokenStream {
    let root = Root::of(attr::crate_path(&item.attrs).as_ref());
    let ident = &item.ident;
    let (generics, arguments, bounds) = item.generics.split_for_impl();
    let bounds = bounds.map(|bounds| bounds.predicates.iter()).into_iter().flatten();
    quote! {
        #[automatically_derived]
        impl #generics #root::value::ColumnType for #ident #arguments
        where
            Self: ::core::clone::Clone + ::core::fmt::Debug + ::core::marker::Send + ::core::marker::Sync + 'static,
            #(#bounds),*
        {
            type Ref<'r> = &'r Self;

            const SQL_TYPE: #root::schema::SqlType = #root::schema::SqlType::Text;

            fn get(&self) -> &Self {
                self
            }

            fn decode(
                _: #root::value::Raw<'_>,
            ) -> ::core::result::Result<Self, #root::value::DecodeError> {
                ::core::unreachable!()
            }

            fn to_value(&self) -> #root::value::Value {
                ::core::unreachable!()
            }

            fn null() -> #root::value::Value {
                ::core::unreachable!()
            }

            fn from_value(
                _: &#root::value::Value,
            ) -> ::core::result::Result<Self, #root::value::DecodeError> {
                ::core::unreachable!()
            }

            fn same(&self, _: &Self) -> ::core::primitive::bool {
                ::core::unreachable!()
            }
        }
    }
}

/// In place of a row struct.
pub(crate) fn row(item: &DeriveInput) -> TokenStream {
    let root = Root::of(attr::crate_path(&item.attrs).as_ref());
    let ident = &item.ident;
    let (generics, arguments, bounds) = item.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics #root::query::FromRow for #ident #arguments #bounds {
            fn columns() -> &'static [&'static ::core::primitive::str] {
                &[]
            }

            fn decode(
                _: &dyn #root::value::Cells,
                _: &[::core::primitive::usize],
            ) -> ::core::result::Result<Self, #root::value::ColumnError> {
                ::core::unreachable!()
            }
        }
    }
}
