//! What is unflushed of objects beside their own columns: lists that gain or lose members, foreign keys that wait, deletions.

use super::{IdentityMap, ObjectRef, Work, inverse_of, key_columns, referenced_columns};
use crate::{
    collections::{HashMap, HashSet},
    schema::{EntityDef, RelationKind},
    state::AnyStore,
    value::{Value, is_null},
};

/// A list of children, as the parent declares it.
struct Listed<'m> {
    parents: &'m dyn AnyStore,
    foreign_key: &'static [&'static str],
    /// Of the child.
    columns: Vec<usize>,
    /// Of the parent.
    referenced: Vec<usize>,
}

impl IdentityMap {
    /// The objects that the next flush deletes, links otherwise, or whose lists it changes.
    pub(crate) fn with_unflushed_links(&self) -> HashSet<ObjectRef> {
        let work = self.work();
        let mut found = HashSet::new();
        found.extend(work.deleted.iter().copied());
        for pair in work.pairs.keys() {
            found.insert(pair.owner);
            if inverse_of(self.store_at(pair.owner).def(), pair.relation).is_some() {
                found.insert(pair.target);
            }
        }
        for (child, follows) in &work.follows {
            found.insert(*child);
            let listing = follows.iter().filter(|follow| follow.parent_relation.is_some());
            found.extend(listing.map(|follow| follow.parent));
        }
        for (child, taken) in &work.taken_away {
            found.insert(*child);
            found.extend(taken.iter().filter_map(|taken| taken.parent));
        }
        let mut lists: HashMap<u32, Vec<Listed<'_>>> = HashMap::new();
        let children: HashSet<ObjectRef> =
            work.touched.iter().chain(&work.deleted).chain(work.follows.keys()).copied().collect();
        for child in children {
            let def = self.store_at(child).def();
            for listed in lists.entry(child.entity).or_insert_with(|| self.lists_of(def)) {
                self.parents_that_change(&work, child, listed, &mut found);
            }
        }
        found
    }

    /// The lists that objects of an entity may be in.
    fn lists_of(&self, child: &'static EntityDef) -> Vec<Listed<'_>> {
        let mut lists = Vec::new();
        for parents in self.stores() {
            for relation in parents.def().relations {
                let is_list = matches!(relation.kind, RelationKind::HasMany | RelationKind::HasOne);
                if is_list && (relation.target)().index.get() == child.index.get() {
                    lists.push(Listed {
                        parents,
                        foreign_key: relation.foreign_key,
                        columns: key_columns(child, relation),
                        referenced: referenced_columns(parents.def(), relation),
                    });
                }
            }
        }
        lists
    }

    /// The parents that a child comes to, and those that it leaves.
    fn parents_that_change(&self, work: &Work, child: ObjectRef, listed: &Listed<'_>, found: &mut HashSet<ObjectRef>) {
        let children = self.store_at(child);
        let key = |value: &dyn Fn(usize) -> Option<Value>| -> Option<Vec<Value>> {
            listed.columns.iter().map(|column| value(*column).filter(|value| !is_null(value))).collect()
        };
        let before = key(&|column| children.base_value(child.slot, column));
        let now = key(&|column| children.value(child.slot, column));
        let follows = work.follows.get(&child).into_iter().flatten();
        let moves = follows.into_iter().any(|follow| follow.columns == listed.foreign_key);
        if before == now && !moves && !work.deleted.contains(&child) {
            return;
        }
        for key in [before, now].into_iter().flatten() {
            found.extend(listed.parent(&key));
        }
    }
}

impl Listed<'_> {
    /// The parent with this key, if the session holds it.
    fn parent(&self, key: &[Value]) -> Option<ObjectRef> {
        let def = self.parents.def();
        let slot = if self.referenced == def.primary_key {
            self.parents.find(key).ok().flatten()
        } else {
            let has_key = |slot: &u32| {
                self.referenced
                    .iter()
                    .zip(key)
                    .all(|(column, value)| self.parents.base_value(*slot, *column).as_ref() == Some(value))
            };
            (0..self.parents.len()).find(has_key)
        };
        slot.map(|slot| IdentityMap::object(def, slot))
    }
}
