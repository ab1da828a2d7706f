//! Which items a derive can stand on at all.

use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, Field, Fields, Generics, Token};

use crate::catalogue::{self, Derive};
use crate::naming;

/// The fields of an entity.
pub(super) fn of_entity(input: &DeriveInput) -> syn::Result<&Punctuated<Field, Token![,]>> {
    named_struct(input, Derive::Entity)
}

/// The fields of a row struct.
pub(super) fn of_row(input: &DeriveInput) -> syn::Result<&Punctuated<Field, Token![,]>> {
    named_struct(input, Derive::Row)
}

/// A newtype, or an enum without fields.
pub(super) fn of_column_type(input: &DeriveInput) -> syn::Result<()> {
    refuse_generics(&input.generics, Derive::ColumnType)?;
    let name = naming::plain(&input.ident);
    match &input.data {
        Data::Union(_) => Err(catalogue::not_a_column_type(&name, "a union").at(&input.ident)),
        Data::Struct(data) if matches!(data.fields, Fields::Unit) => {
            Err(catalogue::not_a_column_type(&name, "a struct without fields").at(&input.ident))
        }
        Data::Struct(data) => match data.fields.len() {
            1 => Ok(()),
            0 => Err(catalogue::not_a_column_type(&name, "a struct without fields").at(&input.ident)),
            _ => Err(catalogue::not_a_column_type(&name, "a struct of several fields").at(&input.ident)),
        },
        Data::Enum(data) if data.variants.is_empty() => {
            Err(catalogue::not_a_column_type(&name, "an enum without variants").at(&input.ident))
        }
        Data::Enum(data) => match data.variants.iter().find(|variant| !matches!(variant.fields, Fields::Unit)) {
            Some(variant) => Err(catalogue::variant_with_fields(&naming::plain(&variant.ident)).at(&variant.fields)),
            None => Ok(()),
        },
    }
}

fn named_struct(input: &DeriveInput, derive: Derive) -> syn::Result<&Punctuated<Field, Token![,]>> {
    let refuse = |what| Err(catalogue::not_a_struct(derive, &naming::plain(&input.ident), what).at(&input.ident));
    let fields = match &input.data {
        Data::Enum(_) => return refuse("an enum"),
        Data::Union(_) => return refuse("a union"),
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(_) => return refuse("a tuple struct"),
            Fields::Unit => return refuse("a struct without fields"),
            Fields::Named(fields) => &fields.named,
        },
    };
    refuse_generics(&input.generics, derive)?;
    Ok(fields)
}

fn refuse_generics(generics: &Generics, derive: Derive) -> syn::Result<()> {
    match generics.params.is_empty() {
        true => Ok(()),
        false => Err(catalogue::generic(derive).at(&generics.params)),
    }
}
