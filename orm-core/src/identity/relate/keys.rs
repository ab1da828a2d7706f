//! The columns that hold a relationship together, and the relationship on the other side.

use crate::schema::{EntityDef, RelationDef, RelationKind};

/// The positions of a relationship's foreign key among the columns of the entity that holds it.
pub(crate) fn key_columns(holder: &EntityDef, relation: &RelationDef) -> Vec<usize> {
    positions(holder, relation.foreign_key)
}

/// The positions of what a relationship's foreign key refers to, on the side that does not hold it.
pub(crate) fn referenced_columns(referred: &EntityDef, relation: &RelationDef) -> Vec<usize> {
    if relation.references.is_empty() {
        referred.primary_key.to_vec()
    } else {
        positions(referred, relation.references)
    }
}

fn positions(def: &EntityDef, fields: &[&str]) -> Vec<usize> {
    fields.iter().filter_map(|field| def.column_of_field(field)).collect()
}

/// The relationship on the other side that is the same one: named by `back_populates` on either side, or using the same
/// foreign key or secondary table.
pub(crate) fn inverse_of(def: &'static EntityDef, relation: usize) -> Option<usize> {
    let here = &def.relations[relation];
    let target = (here.target)();
    let declared =
        |there: &RelationDef| here.back_populates == Some(there.name) || there.back_populates == Some(here.name);
    let same = |there: &RelationDef| match (here.kind, there.kind) {
        (RelationKind::BelongsTo, RelationKind::HasMany | RelationKind::HasOne)
        | (RelationKind::HasMany | RelationKind::HasOne, RelationKind::BelongsTo) => {
            here.foreign_key == there.foreign_key
        }
        (RelationKind::ManyToMany, RelationKind::ManyToMany) => match (&here.secondary, &there.secondary) {
            (Some(a), Some(b)) => a.table == b.table && a.owner_columns == b.target_columns,
            _ => false,
        },
        _ => false,
    };
    let candidates = |test: &dyn Fn(&RelationDef) -> bool| {
        target.relations.iter().enumerate().position(|(at, there)| {
            std::ptr::eq((there.target)(), def) && !(std::ptr::eq(target, def) && at == relation) && test(there)
        })
    };
    candidates(&declared).or_else(|| candidates(&same))
}

/// Whether the foreign key on the other side of a relationship is in one row at most.
pub(crate) fn is_one_to_one(def: &EntityDef, relation: usize) -> bool {
    let declared = &def.relations[relation];
    declared.kind == RelationKind::HasOne && !declared.view_only
}

/// The foreign keys of an entity that are unique, because the other side is a one-to-one relationship: as the entity itself declares
/// them, or one of these others.
pub(crate) fn one_to_one_keys(
    def: &'static EntityDef,
    others: impl IntoIterator<Item = &'static EntityDef>,
) -> Vec<Vec<usize>> {
    let upward = def.relations.iter().enumerate().filter(|(at, relation)| {
        relation.kind == RelationKind::BelongsTo
            && !relation.unenforced
            && inverse_of(def, *at).is_some_and(|inverse| is_one_to_one((relation.target)(), inverse))
    });
    let mut keys: Vec<Vec<usize>> = upward.map(|(_, relation)| key_columns(def, relation)).collect();
    for other in others {
        for (at, relation) in other.relations.iter().enumerate() {
            let has_it = (relation.target)().index.get() == def.index.get();
            if has_it && is_one_to_one(other, at) && !relation.unenforced {
                keys.push(key_columns(def, relation));
            }
        }
    }
    keys.sort();
    keys.dedup();
    keys
}
