//! Rules of columns, indexes and constraints.

use std::collections::HashMap;

use syn::Ident;

use super::keys::type_text;
use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::model::{ColumnModel, EntityModel, KnownType};
use crate::naming;
use crate::suggest;

pub(super) fn check(cx: &Ctxt, entity: &EntityModel) {
    check_columns_have_their_own_names(cx, entity);
    for column in &entity.columns {
        check_read_only_is_not_written(cx, column);
        check_length_measures_something(cx, column);
    }
    for index in &entity.settings.indexes {
        check_fields_are_columns(cx, entity, "index", &index.value.fields);
    }
    for unique in &entity.settings.uniques {
        check_fields_are_columns(cx, entity, "unique", &unique.value.fields);
    }
    check_indexes_have_their_own_names(cx, entity);
}

fn check_columns_have_their_own_names(cx: &Ctxt, entity: &EntityModel) {
    let mut seen: HashMap<&str, &ColumnModel> = HashMap::new();
    for column in &entity.columns {
        if let Some(first) = seen.insert(&column.column, column) {
            let message = catalogue::same_column(&first.names.name, &column.names.name, &column.column);
            match &column.settings.column {
                Some(name) => cx.refuse(&name.value, message),
                None => cx.refuse(&column.field, message),
            }
        }
    }
}

/// A default and an assignment at UPDATE would both be written by us.
fn check_read_only_is_not_written(cx: &Ctxt, column: &ColumnModel) {
    let settings = &column.settings;
    let Some(read_only) = &settings.read_only else { return };
    if settings.default.is_some() {
        cx.refuse(&read_only.key, catalogue::never_written(&column.names.name, "default"));
    }
    if settings.on_update.is_some() {
        cx.refuse(&read_only.key, catalogue::never_written(&column.names.name, "on_update"));
    }
}

fn check_length_measures_something(cx: &Ctxt, column: &ColumnModel) {
    let Some(length) = &column.settings.length else { return };
    if length.value == 0 {
        cx.refuse(&length.key, catalogue::length_zero());
    }
    if !matches!(column.known.inner(), KnownType::Text | KnownType::Bytes | KnownType::Unknown) {
        cx.refuse(&length.key, catalogue::length_of(&column.names.name, &type_text(&column.ty)));
    }
}

fn check_indexes_have_their_own_names(cx: &Ctxt, entity: &EntityModel) {
    let mut seen = HashMap::new();
    for index in entity.indexes() {
        if seen.insert(index.name.clone(), ()).is_some() {
            let key = entity.settings.indexes.iter().chain(&entity.settings.uniques).last().map(|index| &index.key);
            cx.refuse(key.unwrap_or(&entity.ident), catalogue::same_index(&index.name));
        }
    }
}

/// Each name is a column of this entity, and stands once.
pub(super) fn check_fields_are_columns(cx: &Ctxt, entity: &EntityModel, key: &str, fields: &[Ident]) {
    for (position, field) in fields.iter().enumerate() {
        let name = naming::plain(field);
        if fields[..position].iter().any(|earlier| naming::plain(earlier) == name) {
            cx.refuse(field, catalogue::repeated_field(key, &name));
        } else if let Some(relation) = entity.relations.iter().find(|relation| relation.names.name == name) {
            let mut columns: Vec<String> = relation.foreign_key.fields().iter().map(naming::plain).collect();
            columns.push(naming::default_foreign_key(&name));
            columns.dedup();
            let columns: Vec<&str> = columns
                .iter()
                .map(String::as_str)
                .filter(|column| *column != name && entity.columns.iter().any(|known| known.names.name == *column))
                .collect();
            cx.refuse(field, catalogue::relation_as_column(key, &name, &columns));
        } else if entity.position(field).is_none() && !entity.is_unread(&name) {
            let names = entity.columns.iter().map(|column| column.names.name.as_str());
            let near = suggest::closest(&name, names);
            cx.refuse(field, catalogue::unknown_field(key, &name, &entity.names.name, near));
        }
    }
}
