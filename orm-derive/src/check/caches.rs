//! Rules of entities whose detached values are deserialized.

use crate::attr::{Deserializing, Serializing};
use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::model::EntityModel;

/// What is not written cannot be read: a value without it would not be the one that was written.
pub(super) fn check(cx: &Ctxt, entity: &EntityModel) {
    if entity.settings.deserialize.is_none() {
        return;
    }
    for column in entity.columns.iter().filter(|column| !column.deferred) {
        let field = &column.names.name;
        let skipped = matches!(column.serde.serializing, Serializing::Skipped)
            || matches!(column.serde.deserializing, Deserializing::Skipped);
        if column.settings.sensitive.is_some() {
            cx.refuse(&column.field, catalogue::sensitive_in_cache(field));
        } else if skipped {
            cx.refuse(&column.field, catalogue::skipped_in_cache(field));
        }
    }
}
