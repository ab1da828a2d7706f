//! Rules of primary keys, generated values and versions.

use quote::ToTokens;
use syn::Type;

use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::model::{ColumnModel, EntityModel, KnownType};

pub(super) fn check(cx: &Ctxt, entity: &EntityModel) {
    check_there_is_a_key(cx, entity);
    for column in entity.primary_key() {
        check_key_can_identify(cx, column);
    }
    for column in &entity.columns {
        check_generated(cx, entity, column);
    }
    check_one_version(cx, entity);
    for column in entity.columns.iter().filter(|column| column.is_version()) {
        check_version_can_count(cx, column);
    }
}

/// Identity map, `get`, UPDATE and DELETE go by the key.
fn check_there_is_a_key(cx: &Ctxt, entity: &EntityModel) {
    if cx.count() > 0 {
        return;
    }
    if entity.columns.is_empty() {
        cx.refuse(&entity.ident, catalogue::no_columns(&entity.names.name));
    } else if entity.primary_key().next().is_none() {
        let has_id = entity.columns.iter().any(|column| column.names.name == "id");
        cx.refuse(&entity.ident, catalogue::no_primary_key(&entity.names.name, has_id));
    }
}

fn check_key_can_identify(cx: &Ctxt, column: &ColumnModel) {
    let field = &column.names.name;
    if column.deferred {
        cx.refuse(&column.field, catalogue::deferred_key(field));
    }
    if column.known.is_optional() {
        cx.refuse(&column.ty, catalogue::nullable_key(field));
    }
    let settings = &column.settings;
    for key in [&settings.sensitive, &settings.version, &settings.read_only].into_iter().flatten() {
        cx.refuse(&key.key, catalogue::contradicting_key(field, &key.key.to_string()));
    }
    if let Some(on_update) = &settings.on_update {
        cx.refuse(&on_update.key, catalogue::contradicting_key(field, "on_update"));
    }
}

/// IDENTITY and rowids are integers, and there is one to a table.
fn check_generated(cx: &Ctxt, entity: &EntityModel, column: &ColumnModel) {
    let Some(generated) = &column.settings.generated else { return };
    let field = &column.names.name;
    if !column.is_primary_key() {
        cx.refuse(&generated.key, catalogue::generated_without_key(field));
        return;
    }
    if !generated.value.value {
        return;
    }
    if entity.primary_key().count() > 1 {
        cx.refuse(&generated.key, catalogue::generated_composite(field));
        return;
    }
    if !matches!(column.known, KnownType::Integer | KnownType::Unknown | KnownType::Optional(_)) {
        cx.refuse(&column.ty, catalogue::generated_not_integer(field, &type_text(&column.ty)));
    }
    if column.settings.default.is_some() {
        cx.refuse(&generated.key, catalogue::generated_and(field, "default"));
    }
    if column.settings.server_default.is_some() {
        cx.refuse(&generated.key, catalogue::generated_and(field, "server_default"));
    }
}

/// An UPDATE asks for one version.
fn check_one_version(cx: &Ctxt, entity: &EntityModel) {
    let mut versions = entity.columns.iter().filter(|column| column.is_version());
    let Some(first) = versions.next() else { return };
    for second in versions {
        cx.refuse(
            second.settings.version.as_ref().map(|version| &version.key),
            catalogue::second_version(&second.names.name, &first.names.name),
        );
    }
}

fn check_version_can_count(cx: &Ctxt, column: &ColumnModel) {
    let field = &column.names.name;
    if !matches!(column.known, KnownType::Integer | KnownType::Unknown) {
        cx.refuse(&column.ty, catalogue::version_not_integer(field, &type_text(&column.ty)));
    }
    if column.deferred {
        cx.refuse(&column.field, catalogue::contradicting_version(field, "Deferred"));
    }
    if let Some(read_only) = &column.settings.read_only {
        cx.refuse(&read_only.key, catalogue::contradicting_version(field, "read_only"));
    }
    if let Some(on_update) = &column.settings.on_update {
        cx.refuse(&on_update.key, catalogue::contradicting_version(field, "on_update"));
    }
}

/// The type as the user wrote it, without the blanks that tokens are printed with.
pub(super) fn type_text(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    text.replace(" :: ", "::").replace(" < ", "<").replace(" >", ">").replace(":: ", "::").replace(" ,", ",")
}
