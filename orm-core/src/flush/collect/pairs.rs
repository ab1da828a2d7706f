//! Changes of many-to-many collections as rows of their secondary tables: each pair once, whichever side it was given on.

use super::Collect;
use crate::{
    collections::{HashMap, IndexMap},
    flush::rows::{PairKey, PairRow},
    identity::{IdentityMap, ObjectRef, Pair, PairChange, inverse_of},
    state::Status,
};

impl Collect<'_> {
    pub(super) fn pairs(&mut self) {
        let mut inverses = HashMap::new();
        let mut net: IndexMap<Pair, PairChange> = IndexMap::default();
        for (pair, change) in &self.work.pairs {
            let pair = same_from_one_side(self.map, *pair, &mut inverses);
            match net.get(&pair) {
                Some(known) if known != change => {
                    net.shift_remove(&pair);
                }
                Some(_) => {}
                None => {
                    net.insert(pair, *change);
                }
            }
        }
        for (pair, change) in net {
            self.rows.pairs.extend(self.pair_row(pair, change));
        }
    }

    /// The row, unless it goes or never comes with one of its sides.
    fn pair_row(&self, pair: Pair, change: PairChange) -> Option<PairRow> {
        let owner = self.map.store_at(pair.owner).def();
        let goes = |object: ObjectRef| self.cascade.deleted.contains(&object);
        if change == PairChange::Add && (goes(pair.owner) || goes(pair.target)) {
            return None;
        }
        Some(PairRow {
            owner,
            relation: &owner.relations[pair.relation],
            owner_key: self.pair_key(pair.owner)?,
            target_key: self.pair_key(pair.target)?,
            change,
        })
    }

    fn pair_key(&self, object: ObjectRef) -> Option<PairKey> {
        if let Some(&row) = self.rows.new_of.get(&object) {
            return Some(PairKey::Inserted(row));
        }
        let store = self.map.store_at(object);
        match store.status(object.slot) {
            Status::Persistent | Status::Expired => store.key(object.slot).map(PairKey::Known),
            Status::Pending | Status::Deleted | Status::Discarded => None,
        }
    }
}

/// A pair as the side whose name comes first declares it.
fn same_from_one_side(map: &IdentityMap, pair: Pair, inverses: &mut HashMap<(u32, usize), Option<usize>>) -> Pair {
    let def = map.store_at(pair.owner).def();
    let inverse = *inverses.entry((pair.owner.entity, pair.relation)).or_insert_with(|| inverse_of(def, pair.relation));
    let Some(inverse) = inverse else { return pair };
    let target = map.store_at(pair.target).def();
    if (target.name, inverse) < (def.name, pair.relation) {
        return Pair { owner: pair.target, relation: inverse, target: pair.owner };
    }
    pair
}
