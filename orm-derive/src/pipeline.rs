//! The stages of each derive, one after the other.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::DeriveInput;

use crate::diagnostics::{Ctxt, Errors};
use crate::loaded::LoadedType;
use crate::model::{ColumnTypeModel, EntityModel, RowModel};
use crate::{check, expand, fallback};

/// `#[derive(Entity)]`.
pub(crate) fn entity(input: TokenStream) -> TokenStream {
    run(input, entity_model, expand::entity, fallback::entity)
}

/// `#[derive(ColumnType)]`.
pub(crate) fn column_type(input: TokenStream) -> TokenStream {
    run(input, column_type_model, expand::column_type, |item, _| fallback::column_type(item))
}

/// `#[derive(Row)]`.
pub(crate) fn row(input: TokenStream) -> TokenStream {
    run(input, row_model, expand::row, |item, _| fallback::row(item))
}

/// `loaded!(..)`.
pub(crate) fn loaded(input: TokenStream) -> TokenStream {
    match syn::parse2::<LoadedType>(input) {
        Ok(loaded) => expand::loaded(&loaded),
        Err(error) => error.to_compile_error(),
    }
}

/// Every error of an item, and its model if it came so far.
#[derive(Debug)]
pub(crate) struct Refused<M> {
    pub(crate) errors: Errors,
    model: Option<Box<M>>,
}

/// The checked model.
pub(crate) fn entity_model(item: &DeriveInput) -> Result<EntityModel, Refused<EntityModel>> {
    let cx = Ctxt::new();
    let model = EntityModel::build(&cx, item);
    if let Some(model) = &model {
        check::entity(&cx, model);
    }
    checked(cx, model)
}

/// The checked model.
pub(crate) fn column_type_model(item: &DeriveInput) -> Result<ColumnTypeModel, Refused<ColumnTypeModel>> {
    let cx = Ctxt::new();
    let model = ColumnTypeModel::build(&cx, item);
    if let Some(model) = &model {
        check::column_type(&cx, model);
    }
    checked(cx, model)
}

/// The checked model.
pub(crate) fn row_model(item: &DeriveInput) -> Result<RowModel, Refused<RowModel>> {
    let cx = Ctxt::new();
    let model = RowModel::build(&cx, item);
    if let Some(model) = &model {
        check::row(&cx, model);
    }
    checked(cx, model)
}

/// A model that is missing has said why.
fn checked<M>(cx: Ctxt, model: Option<M>) -> Result<M, Refused<M>> {
    match (cx.finish(), model) {
        (Ok(()), Some(model)) => Ok(model),
        (Err(errors), model) => Err(Refused { errors, model: model.map(Box::new) }),
        (Ok(()), None) => Err(Refused { errors: Errors::unexplained(), model: None }),
    }
}

fn run<M>(
    input: TokenStream,
    model: fn(&DeriveInput) -> Result<M, Refused<M>>,
    expand: fn(&M) -> TokenStream,
    fallback: fn(&DeriveInput, Option<M>) -> TokenStream,
) -> TokenStream {
    let item = match syn::parse2::<DeriveInput>(input) {
        Ok(item) => item,
        Err(error) => return error.to_compile_error(),
    };
    match model(&item) {
        Ok(model) => expand(&model),
        Err(Refused { errors, model }) => {
            let mut tokens = errors.into_token_stream();
            tokens.extend(fallback(&item, model.map(|model| *model)));
            tokens
        }
    }
}
