//! What a bulk statement did to the rows of many objects at once. Exclusive: no handle sees lists unload or objects expire.

use super::IdentityMap;
use crate::{
    collections::HashSet,
    error::StateCause,
    schema::{EntityDef, OnAction, RelationDef, RelationKind},
    state::Status,
};

impl IdentityMap {
    /// These columns of some rows of `def` were written by a statement: what follows from them is read again.
    pub(crate) fn bulk_updated(&mut self, def: &'static EntityDef, columns: &[usize]) {
        if columns.iter().any(|column| def.primary_key.contains(column)) {
            self.expire_all(StateCause::Explicit);
            return;
        }
        let written: Vec<&str> = columns.iter().map(|column| def.columns[*column].field).collect();
        let among = |fields: &[&str]| fields.iter().any(|field| written.contains(field));
        for store in self.stores() {
            let is_here = std::ptr::eq(store.def(), def);
            let follows = |relation: &RelationDef| {
                let is_there = std::ptr::eq((relation.target)(), def);
                let (holder, referred) = match relation.kind {
                    RelationKind::BelongsTo => (is_here, is_there),
                    RelationKind::HasMany | RelationKind::HasOne => (is_there, is_here),
                    RelationKind::ManyToMany => (false, false),
                };
                (holder && among(relation.foreign_key))
                    || (referred && among(relation.references))
                    || (is_there && relation.order_by.iter().any(|(field, _)| written.contains(field)))
            };
            let relations: Vec<usize> = positions(store.def(), follows);
            if relations.is_empty() {
                continue;
            }
            for links in (0..store.len()).filter_map(|slot| store.links(slot)) {
                relations.iter().for_each(|relation| links[*relation].unload());
            }
        }
    }

    /// Some rows of `def` were deleted by a statement, those of these objects among them.
    pub(crate) fn bulk_deleted(&mut self, def: &'static EntityDef, gone: &HashSet<u32>) {
        let store = self.store_of(def);
        for &slot in gone {
            store.publish_deleted(slot);
            store.note_altered(slot, self.epoch());
        }
        for store in self.stores() {
            let relations = positions(store.def(), |relation| std::ptr::eq((relation.target)(), def));
            if relations.is_empty() {
                continue;
            }
            for slot in (0..store.len()).filter(|slot| store.status(*slot) != Status::Deleted) {
                let Some(links) = store.links(slot) else { continue };
                relations.iter().for_each(|relation| links[*relation].unload_if_shows(gone));
            }
        }
        let taken_along = self.taken_along(def);
        self.each_store(|store| {
            if taken_along.contains(&store.def().index.get()) {
                store.expire_all();
            }
        });
    }

    /// The entities whose rows the database deletes or changes along with those of `def`.
    fn taken_along(&self, def: &'static EntityDef) -> HashSet<usize> {
        let acts = |relation: &RelationDef| {
            relation.passive_deletes || !matches!(relation.on_delete, OnAction::NoAction | OnAction::Restrict)
        };
        let mut found = HashSet::new();
        let mut parents = vec![def];
        while let Some(parent) = parents.pop() {
            let mut take = |child: &'static EntityDef| {
                if found.insert(child.index.get()) {
                    parents.push(child);
                }
            };
            let below = parent.relations.iter().filter(|relation| relation.kind != RelationKind::BelongsTo);
            below.filter(|relation| acts(relation)).for_each(|relation| take((relation.target)()));
            for store in self.stores() {
                let is_below = |relation: &RelationDef| {
                    relation.kind == RelationKind::BelongsTo
                        && acts(relation)
                        && std::ptr::eq((relation.target)(), parent)
                };
                if store.def().relations.iter().any(is_below) {
                    take(store.def());
                }
            }
        }
        found
    }
}

fn positions(def: &EntityDef, test: impl Fn(&RelationDef) -> bool) -> Vec<usize> {
    def.relations.iter().enumerate().filter(|(_, relation)| test(relation)).map(|(at, _)| at).collect()
}
