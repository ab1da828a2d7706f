//! Who leaves which collections and to-ones: objects whose rows are gone, children that have another parent now, pairs that
//! are gone.

use super::{Publish, upward::upward_of};
use crate::{
    collections::{HashMap, HashSet},
    flush::rows::{Cell, cell_of},
    identity::{IdentityMap, ObjectRef, PairChange, inverse_of},
    schema::RelationKind,
    state::Status,
    value::Value,
};

/// Members that a relationship of an object must not show any more.
pub(super) type Leaving = HashMap<(ObjectRef, usize), HashSet<u32>>;

impl Publish<'_> {
    pub(super) fn departures(&mut self) {
        if self.gone.is_empty() {
            return;
        }
        for store in self.map.stores() {
            // A required to-one keeps what it shows: a handle may have been promised that it is there.
            let shows = store.def().relations.iter().enumerate().filter_map(|(at, relation)| {
                let gone = self.gone.get(&((relation.target)().index.get() as u32))?;
                (relation.kind != RelationKind::BelongsTo || relation.optional).then_some((at, gone))
            });
            let shows: Vec<_> = shows.collect();
            if shows.is_empty() {
                continue;
            }
            for slot in 0..store.len() {
                let Some(links) = store.links(slot) else { continue };
                // What is gone itself stays readable as it was.
                if store.status(slot) == Status::Deleted {
                    continue;
                }
                for (relation, gone) in &shows {
                    links[*relation].remove_all(gone, self.map.epoch());
                }
            }
        }
    }

    /// Whose collections show children that were given another parent. They left when that was done; but a collection that
    /// was read in between has what the database had then. To be called before the children have their new keys.
    pub(super) fn former_parents(&self) -> Leaving {
        let mut leaving = Leaving::new();
        let mut upward = HashMap::new();
        for row in &self.plan.rows.changed {
            let upward = upward.entry(row.object.entity).or_insert_with(|| upward_of(self.map, row.def));
            let store = self.map.store_at(row.object);
            for key in upward.iter().filter(|key| key.by_key) {
                let Some(relation) = key.parent_relation else { continue };
                let mut cells = key.columns.iter().filter_map(|column| cell_of(&row.cells, *column)).peekable();
                if cells.peek().is_none() {
                    continue;
                }
                let base = key.columns.iter().map(|column| store.base_value(row.object.slot, *column));
                let Some(base) = base.collect::<Option<Vec<Value>>>() else { continue };
                // Whoever was given back meanwhile is shown again already.
                let now = key.columns.iter().map(|column| store.value(row.object.slot, *column));
                let by_program = cells.any(|cell| matches!(cell, Cell::Given(_)));
                let is_back = by_program && now.collect::<Option<Vec<Value>>>().as_ref() == Some(&base);
                if is_back || self.plan.rows.taken.follows.get(&row.object) != self.work.follows.get(&row.object) {
                    continue;
                }
                if let Ok(Some(parent)) = self.map.store_of(key.parent).find(&base) {
                    let parent = IdentityMap::object(key.parent, parent);
                    leaving.entry((parent, relation)).or_default().insert(row.object.slot);
                }
            }
        }
        leaving
    }

    /// Takes those away, and what is the other side of pairs that are gone.
    pub(super) fn leave(&self, mut leaving: Leaving) {
        for (pair, change) in &self.plan.rows.taken.pairs {
            // One that was added again meanwhile is shown already.
            if *change != PairChange::Remove || self.work.pairs.get(pair) != Some(&PairChange::Remove) {
                continue;
            }
            leaving.entry((pair.owner, pair.relation)).or_default().insert(pair.target.slot);
            if let Some(inverse) = inverse_of(self.map.store_at(pair.owner).def(), pair.relation) {
                leaving.entry((pair.target, inverse)).or_default().insert(pair.owner.slot);
            }
        }
        for ((owner, relation), members) in leaving {
            if let Some(links) = self.map.store_at(owner).links(owner.slot) {
                links[relation].remove_all(&members, self.map.epoch());
            }
        }
    }
}
