//! Rules of relationships.

use crate::attr::{OnAction, Serializing};
use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::model::{ColumnModel, EntityModel, ForeignKey, RelationKind, RelationModel};
use crate::naming;
use crate::suggest;

use super::columns::check_fields_are_columns;

pub(super) fn check(cx: &Ctxt, entity: &EntityModel) {
    for relation in &entity.relations {
        check_foreign_key_is_said(cx, entity, relation);
        check_foreign_key_is_here(cx, entity, relation);
        check_keys_are_as_long(cx, entity, relation);
        check_cascade_fits(cx, relation);
        check_view_only_is_not_written(cx, relation);
        check_post_update_can_be_null(cx, entity, relation);
        check_actions_have_a_constraint(cx, entity, relation);
        check_no_function_serializes(cx, relation);
    }
    check_one_writer_of_a_foreign_key(cx, entity);
}

/// `BelongsTo` finds `<field>_id`; the others cannot see the other entity and must say it.
fn check_foreign_key_is_said(cx: &Ctxt, entity: &EntityModel, relation: &RelationModel) {
    if !matches!(relation.foreign_key, ForeignKey::Missing) || relation.damaged {
        return;
    }
    let name = &relation.names.name;
    let target = relation.target_name();
    let message = match relation.kind {
        RelationKind::ManyToMany => return,
        RelationKind::BelongsTo => {
            let wanted = naming::default_foreign_key(name);
            if entity.is_unread(&wanted) {
                return;
            }
            let columns = entity.columns.iter().filter(|column| !column.is_primary_key());
            let near = suggest::closest(&wanted, columns.map(|column| column.names.name.as_str()));
            catalogue::no_parent_key(name, &target, &wanted, near)
        }
        RelationKind::HasMany | RelationKind::HasOne => {
            catalogue::no_child_key(name, &target, &naming::default_foreign_key(&naming::snake(&entity.names.name)))
        }
    };
    cx.refuse(&relation.field, message);
}

/// The key of a `BelongsTo` is made of columns of this entity.
fn check_foreign_key_is_here(cx: &Ctxt, entity: &EntityModel, relation: &RelationModel) {
    match relation.kind {
        RelationKind::BelongsTo => {
            if let ForeignKey::Given(fields) = &relation.foreign_key {
                check_fields_are_columns(cx, entity, "foreign_key", fields);
            }
            let name = &relation.names.name;
            for field in relation.foreign_key.fields() {
                let column = entity.position(field).map(|position| &entity.columns[position]);
                if let Some(column) = column.filter(|column| column.deferred) {
                    cx.refuse(field, catalogue::deferred_foreign_key(name, &column.names.name));
                }
            }
        }
        // Theirs is made of columns of the target; what it refers to is here.
        RelationKind::HasMany | RelationKind::HasOne => {
            check_fields_are_columns(cx, entity, "references", relation.references());
        }
        RelationKind::ManyToMany => {}
    }
}

fn check_keys_are_as_long(cx: &Ctxt, entity: &EntityModel, relation: &RelationModel) {
    let foreign_key = relation.foreign_key.fields();
    if foreign_key.is_empty() {
        return;
    }
    let key_here = entity.primary_key().count();
    let referred = match (&relation.settings.references, relation.kind) {
        (Some(references), _) => references.value.len(),
        (None, RelationKind::HasMany | RelationKind::HasOne) if key_here > 0 => key_here,
        // The key of the target cannot be seen from here: the generated code asks.
        _ => return,
    };
    if foreign_key.len() != referred {
        let message = catalogue::key_lengths(&relation.names.name, foreign_key.len(), referred);
        let key = relation.settings.references.as_ref().map(|references| &references.key);
        cx.refuse(key.or(foreign_key.first()), message);
    }
}

fn check_cascade_fits(cx: &Ctxt, relation: &RelationModel) {
    let Some(cascade) = &relation.settings.cascade else { return };
    if !cascade.value.delete_orphan {
        return;
    }
    if matches!(relation.kind, RelationKind::BelongsTo | RelationKind::ManyToMany) {
        cx.refuse(&cascade.key, catalogue::orphan_of(&relation.names.name, relation.kind.name()));
    } else if !cascade.value.delete {
        cx.refuse(&cascade.key, catalogue::orphan_without_delete());
    }
}

fn check_view_only_is_not_written(cx: &Ctxt, relation: &RelationModel) {
    let settings = &relation.settings;
    let Some(view_only) = &settings.view_only else { return };
    if settings.cascade.is_some() {
        cx.refuse(&view_only.key, catalogue::never_written_relation(&relation.names.name, "cascade"));
    }
    if settings.passive_deletes.is_some() {
        cx.refuse(&view_only.key, catalogue::never_written_relation(&relation.names.name, "passive_deletes"));
    }
    if settings.post_update.is_some() {
        cx.refuse(&view_only.key, catalogue::never_written_relation(&relation.names.name, "post_update"));
    }
}

/// The row is inserted without its foreign key. That of the other entity cannot be seen from here.
fn check_post_update_can_be_null(cx: &Ctxt, entity: &EntityModel, relation: &RelationModel) {
    let (Some(post_update), RelationKind::BelongsTo) = (&relation.settings.post_update, relation.kind) else { return };
    let columns = relation.foreign_key.fields().iter().filter_map(|field| entity.position(field));
    let required = |column: &&ColumnModel| column.known.is_required();
    if let Some(column) = columns.map(|position| &entity.columns[position]).find(required) {
        cx.refuse(&post_update.key, catalogue::post_update_on_required(&column.names.name));
    }
}

fn check_actions_have_a_constraint(cx: &Ctxt, entity: &EntityModel, relation: &RelationModel) {
    let settings = &relation.settings;
    for action in [&settings.on_delete, &settings.on_update] {
        let Some(action) = action else { continue };
        if settings.unenforced.is_some() {
            let message = catalogue::action_without_constraint(&relation.names.name, &action.key.to_string());
            cx.refuse(&action.key, message);
        }
    }
    let Some(on_delete) = settings.on_delete.as_ref().filter(|action| action.value == OnAction::SetNull) else {
        return;
    };
    let columns = relation.foreign_key.fields().iter().filter_map(|field| entity.position(field));
    if let Some(required) = columns.map(|position| &entity.columns[position]).find(|column| column.known.is_required())
    {
        cx.refuse(&on_delete.key, catalogue::set_null_on_required(&required.names.name));
    }
}

/// The function would have to take what every load state stores.
fn check_no_function_serializes(cx: &Ctxt, relation: &RelationModel) {
    let through = match &relation.serde.serializing {
        Serializing::With(path) => Some(path),
        Serializing::Plain | Serializing::Skipped => None,
    };
    for path in [through, relation.serde.skip_if.as_ref()].into_iter().flatten() {
        cx.refuse(path, catalogue::serde_on_relation(&relation.names.name));
    }
}

/// Two relationships may share a column of a composite key, never the whole of it.
fn check_one_writer_of_a_foreign_key(cx: &Ctxt, entity: &EntityModel) {
    let fields = |relation: &RelationModel| relation.foreign_key.fields().iter().map(naming::plain).collect::<Vec<_>>();
    let writers = || {
        entity.relations.iter().filter(|relation| {
            relation.kind == RelationKind::BelongsTo
                && !relation.is_view_only()
                && !relation.foreign_key.fields().is_empty()
        })
    };
    for (position, second) in writers().enumerate() {
        if let Some(first) = writers().take(position).find(|first| fields(first) == fields(second)) {
            cx.refuse(&second.field, catalogue::shared_foreign_key(&first.names.name, &second.names.name));
        }
    }
}
