//! The foreign keys of an entity as both sides know them.

use crate::{
    flush::foreign_key::same_entity,
    identity::{IdentityMap, inverse_of, key_columns, referenced_columns},
    schema::{EntityDef, RelationDef, RelationKind},
};

/// One foreign key of an entity, and how either side names it.
pub(super) struct Upward {
    pub(super) columns: Vec<usize>,
    pub(super) parent: &'static EntityDef,
    /// Whether it refers to the parent's primary key.
    pub(super) by_key: bool,
    pub(super) child_relation: Option<usize>,
    pub(super) parent_relation: Option<usize>,
}

/// The foreign keys of an entity that anyone in the session knows of.
pub(super) fn upward_of(map: &IdentityMap, def: &'static EntityDef) -> Vec<Upward> {
    let up = |holder: &'static EntityDef, parent: &'static EntityDef, relation: &RelationDef| Upward {
        columns: key_columns(holder, relation),
        parent,
        by_key: referenced_columns(parent, relation) == parent.primary_key,
        child_relation: None,
        parent_relation: None,
    };
    let mut keys: Vec<Upward> = Vec::new();
    for (at, relation) in def.relations.iter().enumerate() {
        if relation.kind == RelationKind::BelongsTo && !relation.view_only {
            let parent = (relation.target)();
            let inverse = inverse_of(def, at).filter(|at| !parent.relations[*at].view_only);
            keys.push(Upward { child_relation: Some(at), parent_relation: inverse, ..up(def, parent, relation) });
        }
    }
    for store in map.stores() {
        let parent = store.def();
        for (at, relation) in parent.relations.iter().enumerate() {
            let is_child = matches!(relation.kind, RelationKind::HasMany | RelationKind::HasOne)
                && same_entity((relation.target)(), def)
                && !relation.view_only;
            let known = |key: &Upward| key.parent_relation == Some(at) && same_entity(key.parent, parent);
            if is_child && !keys.iter().any(known) {
                keys.push(Upward { parent_relation: Some(at), ..up(def, parent, relation) });
            }
        }
    }
    keys
}
