//! The rules across attributes: what each says alone is right, but not together, or not on this field.
//!
//! Each rule is a function named as a sentence. A rule that misses something asks first whether anything went wrong
//! before: what is missing was then most likely misspelled, and one mistake is one error.

mod caches;
mod columns;
mod enums;
mod keys;
mod names;
mod relations;
mod rows;
mod secondary;

use crate::diagnostics::Ctxt;
use crate::model::{ColumnTypeModel, EntityModel, RowModel};

/// The rules of an entity.
pub(crate) fn entity(cx: &Ctxt, entity: &EntityModel) {
    keys::check(cx, entity);
    columns::check(cx, entity);
    relations::check(cx, entity);
    secondary::check(cx, entity);
    names::check(cx, entity);
    caches::check(cx, entity);
}

/// The rules of a column type.
pub(crate) fn column_type(cx: &Ctxt, model: &ColumnTypeModel) {
    match model {
        ColumnTypeModel::Enum(model) => enums::check(cx, model),
        ColumnTypeModel::Newtype(_) => {}
    }
}

/// The rules of a row struct.
pub(crate) fn row(cx: &Ctxt, row: &RowModel) {
    rows::check(cx, row);
}
