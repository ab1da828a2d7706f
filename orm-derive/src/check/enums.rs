//! Rules of an enum that is the type of a column.

use std::collections::HashMap;

use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::model::{EnumModel, EnumStorage};
use crate::naming;

pub(super) fn check(cx: &Ctxt, model: &EnumModel) {
    check_one_storage(cx, model);
    if model.storage() == EnumStorage::Integer {
        check_integers_have_no_labels(cx, model);
    } else {
        check_labels_are_apart(cx, model);
        check_labels_are_text_everywhere(cx, model);
    }
}

fn check_one_storage(cx: &Ctxt, model: &EnumModel) {
    if let (Some(integer), Some(_)) = (&model.settings.integer, &model.settings.postgres_enum) {
        cx.refuse(&integer.key, catalogue::two_storages());
    }
}

fn check_integers_have_no_labels(cx: &Ctxt, model: &EnumModel) {
    if let Some(rename_all) = &model.settings.rename_all {
        cx.refuse(&rename_all.key, catalogue::label_of_integer("rename_all"));
    }
    for rename in model.variants.iter().filter_map(|variant| variant.rename.as_ref()) {
        cx.refuse(rename, catalogue::label_of_integer("rename"));
    }
}

fn check_labels_are_apart(cx: &Ctxt, model: &EnumModel) {
    let mut seen = HashMap::new();
    for variant in &model.variants {
        if let Some(first) = seen.insert(variant.label.as_str(), variant) {
            let message =
                catalogue::same_label(&variant.label, &naming::plain(&first.ident), &naming::plain(&variant.ident));
            match &variant.rename {
                Some(rename) => cx.refuse(rename, message),
                None => cx.refuse(&variant.ident, message),
            }
        }
    }
}

fn check_labels_are_text_everywhere(cx: &Ctxt, model: &EnumModel) {
    for rename in model.variants.iter().filter_map(|variant| variant.rename.as_ref()) {
        if rename.value().contains('\0') {
            cx.refuse(rename, catalogue::nul_in_label(&rename.value()));
        }
    }
}
