//! A newtype or an enum that is the type of a column.

use syn::{Data, DeriveInput, Fields, Ident, LitStr, Path, Type};

use super::shape;
use crate::attr::{EnumSettings, NewtypeSettings, VariantSettings};
use crate::diagnostics::Ctxt;
use crate::naming;

/// What `#[derive(ColumnType)]` stands on.
#[derive(Debug)]
pub(crate) enum ColumnTypeModel {
    Newtype(NewtypeModel),
    Enum(EnumModel),
}

/// `struct Email(String)`, or `struct Email { text: String }`.
#[derive(Debug)]
pub(crate) struct NewtypeModel {
    pub(crate) ident: Ident,
    pub(crate) krate: Option<Path>,
    /// The name of the field, where it has one.
    pub(crate) field: Option<Ident>,
    pub(crate) ty: Type,
}

/// An enum without fields.
#[derive(Debug)]
pub(crate) struct EnumModel {
    pub(crate) ident: Ident,
    pub(crate) settings: EnumSettings,
    pub(crate) variants: Vec<VariantModel>,
}

/// One variant.
#[derive(Debug)]
pub(crate) struct VariantModel {
    pub(crate) ident: Ident,
    /// What the database holds, for text and PostgreSQL enums.
    pub(crate) label: String,
    pub(crate) rename: Option<LitStr>,
}

/// How an enum is stored.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EnumStorage {
    /// The labels, as text.
    Text,
    /// The discriminants.
    Integer,
    /// A PostgreSQL enum type of this name.
    Postgres(String),
}

impl ColumnTypeModel {
    pub(crate) fn build(cx: &Ctxt, input: &DeriveInput) -> Option<Self> {
        cx.take(shape::of_column_type(input))?;
        match &input.data {
            Data::Enum(data) => {
                let settings = EnumSettings::read(cx, &input.attrs);
                let rule = settings.rename_all.as_ref().map(|rule| rule.value);
                let variants = data.variants.iter().map(|variant| {
                    let rename = VariantSettings::read(cx, &variant.attrs).rename.map(|rename| rename.value);
                    let name = naming::plain(&variant.ident);
                    let label = match &rename {
                        Some(rename) => rename.value(),
                        None => rule.map_or_else(|| name.clone(), |rule| rule.apply(&name)),
                    };
                    VariantModel { ident: variant.ident.clone(), label, rename }
                });
                let variants = variants.collect();
                Some(Self::Enum(EnumModel { ident: input.ident.clone(), settings, variants }))
            }
            Data::Struct(data) => {
                let settings = NewtypeSettings::read(cx, &input.attrs);
                let fields = match &data.fields {
                    Fields::Named(fields) => &fields.named,
                    Fields::Unnamed(fields) => &fields.unnamed,
                    Fields::Unit => return None,
                };
                fields.first().map(|field| {
                    NewtypeSettings::refuse_on_field(cx, &field.attrs);
                    Self::Newtype(NewtypeModel {
                        ident: input.ident.clone(),
                        krate: settings.krate.map(|krate| krate.value),
                        field: field.ident.clone(),
                        ty: field.ty.clone(),
                    })
                })
            }
            Data::Union(_) => None,
        }
    }
}

impl EnumModel {
    pub(crate) fn krate(&self) -> Option<&Path> {
        self.settings.krate.as_ref().map(|krate| &krate.value)
    }

    pub(crate) fn storage(&self) -> EnumStorage {
        match (&self.settings.postgres_enum, &self.settings.integer) {
            (Some(name), _) => EnumStorage::Postgres(name.value.value()),
            (None, Some(_)) => EnumStorage::Integer,
            (None, None) => EnumStorage::Text,
        }
    }
}
