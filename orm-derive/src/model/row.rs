//! A struct that is filled from the row of a query.

use syn::{DeriveInput, Ident, Path, Type};

use super::shape;
use crate::attr::{RowFieldSettings, RowSettings};
use crate::diagnostics::Ctxt;
use crate::naming;

/// A struct that is filled from a row.
#[derive(Debug)]
pub(crate) struct RowModel {
    pub(crate) ident: Ident,
    pub(crate) krate: Option<Path>,
    pub(crate) fields: Vec<RowFieldModel>,
}

/// One of its fields.
#[derive(Debug)]
pub(crate) struct RowFieldModel {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// The name of the column in the result.
    pub(crate) column: String,
}

impl RowModel {
    pub(crate) fn build(cx: &Ctxt, input: &DeriveInput) -> Option<Self> {
        let fields = cx.take(shape::of_row(input))?;
        let settings = RowSettings::read(cx, &input.attrs);
        let rule = settings.rename_all.map(|rule| rule.value);
        let fields = fields.iter().filter_map(|field| {
            let ident = field.ident.clone()?;
            let name = naming::plain(&ident);
            let column = match RowFieldSettings::read(cx, &field.attrs).column {
                Some(column) => column.value.value(),
                None => rule.map_or_else(|| name.clone(), |rule| rule.apply(&name)),
            };
            Some(RowFieldModel { ident, ty: field.ty.clone(), column })
        });
        Some(Self {
            ident: input.ident.clone(),
            fields: fields.collect(),
            krate: settings.krate.map(|krate| krate.value),
        })
    }
}
