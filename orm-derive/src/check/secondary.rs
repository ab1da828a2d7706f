//! Rules of the table between the two sides of a many-to-many.

use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::model::{EntityModel, RelationKind, RelationModel};
use crate::naming;

pub(super) fn check(cx: &Ctxt, entity: &EntityModel) {
    for relation in entity.relations.iter().filter(|relation| relation.kind == RelationKind::ManyToMany) {
        check_table_is_said(cx, entity, relation);
        check_columns_fit_the_key(cx, entity, relation);
        check_sides_are_apart(cx, entity, relation);
    }
}

fn check_table_is_said(cx: &Ctxt, entity: &EntityModel, relation: &RelationModel) {
    if relation.settings.secondary.is_some() || relation.damaged {
        return;
    }
    let table = format!("{}_{}", naming::snake(&entity.names.name), naming::snake(&relation.names.name));
    cx.refuse(&relation.field, catalogue::no_secondary(&relation.names.name, &table));
}

fn check_columns_fit_the_key(cx: &Ctxt, entity: &EntityModel, relation: &RelationModel) {
    let Some(secondary) = &relation.settings.secondary else { return };
    let (given, wanted) = (secondary.value.owner.len(), entity.primary_key().count());
    if given != 0 && wanted != 0 && given != wanted {
        cx.refuse(secondary.value.owner.first(), catalogue::secondary_columns("owner", given, wanted));
    }
}

/// Certain for an entity that is linked to itself: both defaults are the same word.
fn check_sides_are_apart(cx: &Ctxt, entity: &EntityModel, relation: &RelationModel) {
    let Some(secondary) = &relation.settings.secondary else { return };
    let target = relation.secondary_target_columns();
    let owner = entity.secondary_owner_columns(relation);
    if let Some(same) = owner.iter().find(|column| target.contains(column)) {
        cx.refuse(&secondary.value.table, catalogue::secondary_same_column(same));
    }
}
