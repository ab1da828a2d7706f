//! Whose child an object is by a foreign key, as the program sees it: the parent that it follows; nobody's, where it was taken away;
//! else the one that its foreign key names.

use super::{key_columns, referenced_columns};
use crate::{
    identity::{IdentityMap, ObjectRef, Work},
    schema::{EntityDef, RelationDef, RelationKind},
    state::Status,
    value::{ComparableKey, Value, is_null, only_the_database_compares_any},
};

/// A foreign key as the program sees it.
pub(super) enum ForeignKey {
    Null,
    /// Of a row that must be read first.
    Unknown,
    Value(Vec<Value>),
}

impl IdentityMap {
    /// Whether an object is the child of a parent by a foreign key. `None` where its row must be read first.
    pub(crate) fn is_parent(
        &self,
        work: &Work,
        parent: ObjectRef,
        child: ObjectRef,
        relation: &RelationDef,
    ) -> Option<bool> {
        if let Some(follow) = work.follow_of(child, relation.foreign_key) {
            return Some(follow.parent == parent);
        }
        if work.is_taken_away(child, relation.foreign_key) {
            return Some(false);
        }
        match self.foreign_key(child, relation) {
            ForeignKey::Null => Some(false),
            ForeignKey::Unknown => None,
            ForeignKey::Value(key) => {
                Some(self.is_named(parent, relation, &key) || self.is_listed_by(parent, child, relation))
            }
        }
    }

    /// Whether the rows said that an object is the child of a parent whose key is spelled otherwise: the parent's list has it, and its
    /// foreign key is the one that was read.
    fn is_listed_by(&self, parent: ObjectRef, child: ObjectRef, relation: &RelationDef) -> bool {
        let children = self.store_at(child);
        let columns = key_columns(children.def(), relation);
        let is_as_read =
            |column: &usize| children.value(child.slot, *column) == children.base_value(child.slot, *column);
        only_the_database_compares_any(children.def(), &columns)
            && columns.iter().all(is_as_read)
            && self.lists(parent, children.def(), relation, child.slot)
    }

    /// Whether a list of the parent that was read in this transaction shows the child.
    fn lists(&self, parent: ObjectRef, child: &EntityDef, relation: &RelationDef, slot: u32) -> bool {
        let store = self.store_at(parent);
        let Some(links) = store.links(parent.slot) else { return false };
        store.def().relations.iter().zip(links).any(|(there, link)| {
            matches!(there.kind, RelationKind::HasMany | RelationKind::HasOne)
                && there.foreign_key == relation.foreign_key
                && std::ptr::eq((there.target)(), child)
                && link.is_loaded_in(self.epoch())
                && link.targets().is_some_and(|targets| targets.as_slice().contains(&slot))
        })
    }

    /// The parent that a child has by a foreign key, if the session holds it.
    pub(crate) fn parent_of(
        &self,
        work: &Work,
        child: ObjectRef,
        parent: &'static EntityDef,
        relation: &RelationDef,
    ) -> Option<ObjectRef> {
        if let Some(follow) = work.follow_of(child, relation.foreign_key) {
            return Some(follow.parent);
        }
        if work.is_taken_away(child, relation.foreign_key) {
            return None;
        }
        match self.foreign_key(child, relation) {
            ForeignKey::Value(key) => self.named(parent, relation, &key),
            ForeignKey::Null | ForeignKey::Unknown => None,
        }
    }

    /// Whether an object has no parent by a foreign key.
    pub(super) fn has_no_parent(&self, work: &Work, child: ObjectRef, relation: &RelationDef) -> bool {
        work.follow_of(child, relation.foreign_key).is_none()
            && (work.is_taken_away(child, relation.foreign_key)
                || matches!(self.foreign_key(child, relation), ForeignKey::Null))
    }

    /// Whether an object was given to another parent, or taken from one, and the database does not know it yet.
    pub(crate) fn has_moved(&self, work: &Work, child: ObjectRef, relation: &RelationDef) -> bool {
        let store = self.store_at(child);
        work.follow_of(child, relation.foreign_key).is_some()
            || work.is_taken_away(child, relation.foreign_key)
            || key_columns(store.def(), relation).into_iter().any(|column| {
                let now = store.value(child.slot, column);
                now.is_some() && now != store.base_value(child.slot, column)
            })
    }

    /// Whether the rows say whose child an object is, however its key is spelled: only the database compares it, and it did not move.
    pub(in crate::identity) fn is_as_read(&self, work: &Work, child: ObjectRef, relation: &RelationDef) -> bool {
        let def = self.store_at(child).def();
        only_the_database_compares_any(def, &key_columns(def, relation)) && !self.has_moved(work, child, relation)
    }

    pub(super) fn foreign_key(&self, child: ObjectRef, relation: &RelationDef) -> ForeignKey {
        let store = self.store_at(child);
        let mut key = Vec::new();
        for column in key_columns(store.def(), relation) {
            match store.value(child.slot, column) {
                Some(value) if is_null(&value) => return ForeignKey::Null,
                Some(value) => key.push(value),
                None if store.status(child.slot) == Status::Pending => return ForeignKey::Null,
                None => return ForeignKey::Unknown,
            }
        }
        ForeignKey::Value(key)
    }

    /// Whether the value of a foreign key names this object.
    fn is_named(&self, parent: ObjectRef, relation: &RelationDef, key: &[Value]) -> bool {
        let store = self.store_at(parent);
        let referenced = referenced_columns(store.def(), relation);
        if referenced == store.def().primary_key && store.status(parent.slot) != Status::Pending {
            return store.find(key).ok().flatten() == Some(parent.slot);
        }
        let referred: Option<Vec<Value>> =
            referenced.iter().map(|column| self.referred_value(parent, *column)).collect();
        referred.is_some_and(|referred| ComparableKey::of(&referred) == ComparableKey::of(key))
    }

    /// The object that the value of a foreign key names, if the session holds it.
    pub(crate) fn named(&self, parent: &'static EntityDef, relation: &RelationDef, key: &[Value]) -> Option<ObjectRef> {
        let store = self.store_of(parent);
        let referenced = referenced_columns(parent, relation);
        let slot = if referenced == parent.primary_key {
            store.find(key).ok().flatten()
        } else {
            let key = ComparableKey::of(key);
            let has_it = |slot: &u32| {
                let values: Option<Vec<Value>> = referenced.iter().map(|column| store.value(*slot, *column)).collect();
                values.is_some_and(|values| ComparableKey::of(&values) == key)
            };
            (0..store.len()).find(has_it)
        };
        slot.map(|slot| Self::object(parent, slot))
    }

    /// What a foreign key that refers to this column of an object holds; `None` where that is not known yet.
    pub(crate) fn referred_value(&self, parent: ObjectRef, column: usize) -> Option<Value> {
        let store = self.store_at(parent);
        store.value(parent.slot, column).or_else(|| {
            let position = store.def().primary_key.iter().position(|key| *key == column)?;
            store.key(parent.slot)?.into_iter().nth(position)
        })
    }

    /// What the database has in these columns of an object, as far as it is known.
    pub(crate) fn base_values(&self, object: ObjectRef, columns: &[usize]) -> Option<Vec<Value>> {
        let store = self.store_at(object);
        if columns == store.def().primary_key {
            return store.key(object.slot);
        }
        columns.iter().map(|column| store.base_value(object.slot, *column)).collect()
    }

    /// What the children of an object have as their foreign key.
    pub(crate) fn referred_key(&self, parent: ObjectRef, relation: &RelationDef) -> Option<Vec<Value>> {
        self.base_values(parent, &referenced_columns(self.store_at(parent).def(), relation))
    }

    /// The objects that may show a child on their side: the parent that it follows, the one that it shows, the one that its foreign
    /// key names.
    pub(in crate::identity) fn showing_parents(
        &self,
        work: &Work,
        child: ObjectRef,
        child_relation: Option<usize>,
        parent: &'static EntityDef,
        relation: &RelationDef,
    ) -> Vec<ObjectRef> {
        let of_entity = Self::object(parent, 0).entity;
        let followed = work.follow_of(child, relation.foreign_key).map(|follow| follow.parent);
        let links = self.store_at(child).links(child.slot);
        let shown = child_relation.and_then(|at| links?[at].targets());
        let shown = shown.and_then(|targets| targets.as_slice().first().copied());
        let named = match self.foreign_key(child, relation) {
            ForeignKey::Value(key) => self.named(parent, relation, &key),
            ForeignKey::Null | ForeignKey::Unknown => None,
        };
        let mut parents: Vec<ObjectRef> = Vec::new();
        let listing = match named {
            None => self.listing_parents(child, parent, relation),
            Some(_) => Vec::new(),
        };
        let shown = shown.map(|slot| Self::object(parent, slot));
        for parent in followed.into_iter().chain(shown).chain(named).chain(listing) {
            if parent.entity == of_entity && !parents.contains(&parent) {
                parents.push(parent);
            }
        }
        parents
    }

    /// The parents that list a child whose key names none of them as it is spelled.
    fn listing_parents(&self, child: ObjectRef, parent: &'static EntityDef, relation: &RelationDef) -> Vec<ObjectRef> {
        let def = self.store_at(child).def();
        if !only_the_database_compares_any(def, &key_columns(def, relation)) {
            return Vec::new();
        }
        let parents = (0..self.store_of(parent).len()).map(|slot| Self::object(parent, slot));
        parents.filter(|parent| self.lists(*parent, def, relation, child.slot)).collect()
    }

    /// Parents show a child on their side no more.
    pub(in crate::identity) fn unlist_child(&self, parents: &[ObjectRef], relation: Option<usize>, child: ObjectRef) {
        let Some(relation) = relation else { return };
        for parent in parents {
            if let Some(links) = self.store_at(*parent).links(parent.slot) {
                links[relation].remove(child.slot, self.epoch());
            }
        }
    }
}
