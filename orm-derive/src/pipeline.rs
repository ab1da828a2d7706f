//! The stages of each derive, one after the other.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::DeriveInput;

use crate::diagnostics::{Ctxt, Errors};
use crate::model::{ColumnTypeModel, EntityModel, RowModel};
use crate::{check, expand, fallback};

/// `#[derive(Entity)]`.
pub(crate) fn entity(input: TokenStream) -> TokenStream {
    run(input, entity_model, expand::entity, fallback::entity)
}

/// `#[derive(ColumnType)]`.
pub(crate) fn column_type(input: TokenStream) -> TokenStream {
    run(input, column_type_model, expand::column_type, fallback::column_type)
}

/// `#[derive(Row)]`.
pub(crate) fn row(input: TokenStream) -> TokenStream {
    run(input, row_model, expand::row, fallback::row)
}

/// The checked model, or every error of the item.
pub(crate) fn entity_model(item: &DeriveInput) -> Result<EntityModel, Errors> {
    let cx = Ctxt::new();
    let model = EntityModel::build(&cx, item);
    if let Some(model) = &model {
        check::entity(&cx, model);
    }
    checked(cx, model)
}

/// The checked model, or every error of the item.
pub(crate) fn column_type_model(item: &DeriveInput) -> Result<ColumnTypeModel, Errors> {
    let cx = Ctxt::new();
    let model = ColumnTypeModel::build(&cx, item);
    if let Some(model) = &model {
        check::column_type(&cx, model);
    }
    checked(cx, model)
}

/// The checked model, or every error of the item.
pub(crate) fn row_model(item: &DeriveInput) -> Result<RowModel, Errors> {
    let cx = Ctxt::new();
    let model = RowModel::build(&cx, item);
    if let Some(model) = &model {
        check::row(&cx, model);
    }
    checked(cx, model)
}

/// A model that is missing has said why.
fn checked<M>(cx: Ctxt, model: Option<M>) -> Result<M, Errors> {
    match (cx.finish(), model) {
        (Ok(()), Some(model)) => Ok(model),
        (Err(errors), _) => Err(errors),
        (Ok(()), None) => Err(Errors::unexplained()),
    }
}

fn run<M>(
    input: TokenStream,
    model: fn(&DeriveInput) -> Result<M, Errors>,
    expand: fn(&M) -> TokenStream,
    fallback: fn(&DeriveInput) -> TokenStream,
) -> TokenStream {
    let item = match syn::parse2::<DeriveInput>(input) {
        Ok(item) => item,
        Err(error) => return error.to_compile_error(),
    };
    match model(&item) {
        Ok(model) => expand(&model),
        Err(errors) => {
            let mut tokens = errors.into_token_stream();
            tokens.extend(fallback(&item));
            tokens
        }
    }
}
