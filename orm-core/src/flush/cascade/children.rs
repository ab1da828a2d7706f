//! Which children a parent has as the program sees it: what is loaded, corrected by what is not flushed yet.

use super::{foreign_key_columns, positions};
use crate::{
    collections::HashMap,
    identity::{Follow, IdentityMap, Newest, ObjectRef, Work},
    schema::{EntityDef, RelationDef},
    value::{ComparableKey, Value, only_the_database_compares_any},
};

/// The unflushed objects of a session, found by the parents that they refer to.
pub(super) struct Unflushed<'w> {
    map: &'w IdentityMap,
    work: &'w Work,
    followers: HashMap<ObjectRef, Vec<(ObjectRef, Follow)>>,
    /// Made when first asked for: child entity and foreign key → key → children.
    by_key: HashMap<(usize, Vec<usize>), HashMap<ComparableKey, Vec<ObjectRef>>>,
}

impl<'w> Unflushed<'w> {
    pub(super) fn new(map: &'w IdentityMap, work: &'w Work) -> Self {
        let mut followers: HashMap<ObjectRef, Vec<(ObjectRef, Follow)>> = HashMap::new();
        for (child, follows) in &work.follows {
            for follow in follows {
                followers.entry(follow.parent).or_default().push((*child, *follow));
            }
        }
        for followers in followers.values_mut() {
            followers.sort_unstable_by_key(|(_, follow)| follow.order);
        }
        Self { map, work, followers, by_key: HashMap::new() }
    }

    /// The objects whose foreign key is to follow this one, in the order in which they were given.
    pub(super) fn followers(&self, parent: ObjectRef) -> Vec<(ObjectRef, Follow)> {
        self.followers.get(&parent).cloned().unwrap_or_default()
    }

    /// The children that parents were given last by one-to-one relationships.
    pub(super) fn one_to_one(&self) -> impl Iterator<Item = (&'w (ObjectRef, usize), &'w Newest)> {
        self.work.one_to_one.iter()
    }

    /// Whether the foreign key of a child is being read anew, so that its change is not written.
    pub(super) fn is_held_back(&self, child: ObjectRef, declared: &RelationDef) -> bool {
        let held_back = self.work.held_back.get(&child);
        held_back.is_some_and(|held_back| foreign_key_columns(declared).iter().any(|column| held_back.contains(column)))
    }

    /// Whether a child was taken from its parent before it was given to another.
    pub(super) fn is_taken_away(&self, child: ObjectRef, declared: &RelationDef) -> bool {
        self.work.is_taken_away(child, declared.foreign_key)
    }

    /// Whether a child that was loaded for a parent still is its child.
    pub(super) fn refers(
        &self,
        child: ObjectRef,
        declared: &RelationDef,
        parent: ObjectRef,
        key: &ComparableKey,
    ) -> bool {
        if let Some(follow) = self.follow_of(child, declared) {
            return follow.parent == parent;
        }
        if self.is_taken_away(child, declared) {
            return false;
        }
        let columns = foreign_key_columns(declared);
        // Of an expired child nothing else is known.
        self.key_of(child, &columns).is_none_or(|known| known.as_ref() == Some(key))
    }

    /// Whether what was read says whose child it is, however its key is spelled: only the database compares it, and the program has not
    /// written to it.
    pub(super) fn is_as_read(&self, child: ObjectRef, declared: &RelationDef) -> bool {
        let store = self.map.store_at(child);
        let as_read = |column: &usize| {
            store.base_value(child.slot, *column).is_some_and(|base| store.value(child.slot, *column) == Some(base))
        };
        let columns = foreign_key_columns(declared);
        let is_moved = self.follow_of(child, declared).is_some() || self.is_taken_away(child, declared);
        only_the_database_compares_any(store.def(), &columns) && !is_moved && columns.iter().all(as_read)
    }

    /// The unflushed objects whose foreign key has this value now.
    pub(super) fn with_key(
        &mut self,
        child: &'static EntityDef,
        declared: &RelationDef,
        parent: ObjectRef,
        key: &ComparableKey,
    ) -> Vec<ObjectRef> {
        let columns = positions(child, declared.foreign_key);
        let at = (child.index.get(), columns.clone());
        if !self.by_key.contains_key(&at) {
            let mut children: HashMap<ComparableKey, Vec<ObjectRef>> = HashMap::new();
            for &object in self.work.pending.iter().chain(&self.work.touched) {
                if object.entity as usize == at.0
                    && let Some(Some(key)) = self.key_of(object, &columns)
                {
                    children.entry(key).or_default().push(object);
                }
            }
            self.by_key.insert(at.clone(), children);
        }
        let found = self.by_key.get(&at).and_then(|children| children.get(key)).cloned().unwrap_or_default();
        let stays = |child: &ObjectRef| self.follow_of(*child, declared).is_none_or(|follow| follow.parent == parent);
        found.into_iter().filter(stays).collect()
    }

    fn follow_of(&self, child: ObjectRef, declared: &RelationDef) -> Option<Follow> {
        self.work.follows.get(&child)?.iter().find(|follow| follow.columns == declared.foreign_key).copied()
    }

    /// The value of a foreign key; `Some(None)` when it is NULL, `None` when it is not known.
    fn key_of(&self, object: ObjectRef, columns: &[usize]) -> Option<Option<ComparableKey>> {
        let store = self.map.store_at(object);
        let values: Option<Vec<Value>> = columns.iter().map(|column| store.value(object.slot, *column)).collect();
        Some(ComparableKey::of(&values?))
    }
}
