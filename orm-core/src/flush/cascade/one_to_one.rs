//! Children that a one-to-one relationship has no place for any more: their parent was given another one, and nobody had loaded whom
//! it had. They go whatever became of that other one since, as they would have gone at once had they been loaded.

use super::{Cascade, Left, Loaded, Why, children::Unflushed};
use crate::{
    identity::{Former, IdentityMap, ObjectRef},
    state::Status,
    value::ComparableKey,
};

impl Cascade {
    /// Lets go of them, or needs them read.
    pub(super) fn replace_children(&mut self, map: &IdentityMap, unflushed: &Unflushed<'_>, loaded: &Loaded) {
        for (&(parent, relation), newest) in unflushed.one_to_one() {
            let parents = map.store_at(parent);
            let has_row = matches!(parents.status(parent.slot), Status::Persistent | Status::Expired);
            let declared = &parents.def().relations[relation];
            let is_settled = newest.former == Former::Settled || unflushed.is_held_back(newest.child, declared);
            if is_settled || !has_row || self.deleted.contains(&parent) {
                continue;
            }
            let Some(former) = loaded.get(parent, relation) else {
                self.needs.replaced(parent, relation);
                continue;
            };
            let key = map.referred_key(parent, declared).and_then(|key| ComparableKey::of(&key));
            let Some(key) = key else { continue };
            for slot in former {
                let child = ObjectRef { slot: *slot, ..newest.child };
                let is_child = unflushed.refers(child, declared, parent, &key) || unflushed.is_as_read(child, declared);
                if child == newest.child || !is_child {
                    continue;
                }
                if declared.delete_orphan {
                    self.take(map, child);
                } else {
                    let columns = declared.foreign_key;
                    self.left.push(Left { parent, relation: Some(relation), child, columns, why: Why::Replaced });
                }
            }
        }
    }
}
