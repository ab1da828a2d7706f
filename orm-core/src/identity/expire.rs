//! Taking state away from objects, which only ever happens with the session borrowed exclusively.

use super::{IdentityMap, ObjectRef, Pair, Work, inverse_of, key_columns, referenced_columns};
use crate::{
    collections::IndexSet,
    error::{Error, ErrorKind, Result, StateCause},
    schema::{EntityDef, RelationKind},
    state::{Expire, Status},
    value::{ComparableKey, Value, is_null, print_values},
};

/// One relationship of one object.
pub(crate) type Side = (ObjectRef, usize);

impl IdentityMap {
    /// The object with this key that has a row.
    pub(crate) fn held(&self, def: &'static EntityDef, key: &[Value]) -> Option<ObjectRef> {
        let store = self.store_of(def);
        let slot = store.find(key).ok().flatten()?;
        matches!(store.status(slot), Status::Persistent | Status::Expired).then(|| Self::object(def, slot))
    }

    /// Expires one object: its columns, its relationships, its unflushed changes. What is to be deleted is deleted all the same.
    pub(crate) fn expire(&mut self, object: ObjectRef, cause: StateCause) {
        let all: Vec<usize> = (0..self.store_at(object).def().columns.len()).collect();
        self.unlist_changes(object, &all);
        self.drop_pairs(object, None);
        self.unlist_taken(object, &all);
        let work = self.work_mut();
        work.touched.shift_remove(&object);
        work.follows.remove(&object);
        work.taken_away.swap_remove(&object);
        work.one_to_one.retain(|_, newest| newest.child != object);
        self.store_mut(object.entity).expire(object.slot, cause);
    }

    /// Expires some columns of one object and forgets some of its relationships.
    pub(crate) fn expire_attributes(
        &mut self,
        object: ObjectRef,
        columns: &[usize],
        relations: &[usize],
        cause: StateCause,
    ) {
        let def = self.store_at(object).def();
        let mut changes = Vec::new();
        for &relation in relations {
            let declared = &def.relations[relation];
            match declared.kind {
                // A to-one is written by its foreign key.
                RelationKind::BelongsTo => changes.extend(key_columns(def, declared)),
                RelationKind::ManyToMany => self.drop_pairs(object, Some(relation)),
                RelationKind::HasMany | RelationKind::HasOne => {}
            }
        }
        changes.extend(columns);
        self.unlist_changes(object, &changes);
        self.unlist_taken(object, &changes);
        if !changes.is_empty() {
            self.store_mut(object.entity).expire_columns(object.slot, Expire { columns, changes: &changes, cause });
            let work = self.work_mut();
            if let Some(follows) = work.follows.get_mut(&object) {
                let dropped = |field: &&str| def.column_of_field(field).is_some_and(|at| changes.contains(&at));
                follows.retain(|follow| !follow.columns.iter().any(dropped));
            }
            let taken = work.taken_away.get(&object).into_iter().flatten();
            let is_dropped = |field: &&str| def.column_of_field(field).is_some_and(|at| changes.contains(&at));
            let back: Vec<&[&str]> =
                taken.map(|taken| taken.columns).filter(|columns| columns.iter().any(is_dropped)).collect();
            back.into_iter().for_each(|columns| work.give_back(object, columns));
            let is_read = |fields: &[&str]| fields.iter().any(&is_dropped);
            self.forget_newest(object, is_read);
        }
        for &relation in relations {
            self.store_mut(object.entity).unload(object.slot, relation);
        }
    }

    /// Expires every object that has a row; those that have none yet stay, and so do links between them.
    pub(crate) fn expire_held(&mut self, cause: StateCause) {
        self.each_store(|store| store.expire_held(cause));
        let work = self.work_mut();
        work.touched.clear();
        let pending = std::mem::take(&mut work.pending);
        work.follows.retain(|child, _| pending.contains(child));
        work.taken_away.retain(|child, _| pending.contains(child));
        work.one_to_one.retain(|_, newest| pending.contains(&newest.child));
        work.pairs.retain(|pair, _| pending.contains(&pair.owner) || pending.contains(&pair.target));
        work.pending = pending;
        self.scopes = elsa::sync::FrozenVec::new();
    }

    /// Lets go of an object that has a row; what shows it is not loaded any more.
    pub(crate) fn expunge(&mut self, object: ObjectRef) {
        let def = self.store_at(object).def();
        let all: Vec<usize> = (0..def.columns.len()).collect();
        self.unlist_changes(object, &all);
        self.unlist_taken(object, &all);
        self.drop_pairs(object, None);
        let mut sides: Vec<Side> = Vec::new();
        for store in self.stores() {
            for (at, relation) in store.def().relations.iter().enumerate() {
                if std::ptr::eq((relation.target)(), def) {
                    sides.extend(self.showing(store.def(), at, object.slot));
                }
            }
        }
        for (owner, relation) in sides {
            self.store_mut(owner.entity).unload(owner.slot, relation);
        }
        let work = self.work_mut();
        work.touched.shift_remove(&object);
        work.deleted.shift_remove(&object);
        work.follows.remove(&object);
        work.taken_away.swap_remove(&object);
        work.one_to_one.retain(|(parent, _), newest| *parent != object && newest.child != object);
        for taken in work.taken_away.values_mut().flatten() {
            taken.parent = taken.parent.filter(|parent| *parent != object);
        }
        // Its children have its key: they need not wait for it.
        work.follows.values_mut().for_each(|follows| follows.retain(|follow| follow.parent != object));
        self.store_mut(object.entity).remove(object.slot);
    }

    /// A row that was to be read again and is gone: its key may name a new object, unless something shows the old one.
    pub(crate) fn let_go_of_gone(&self, def: &'static EntityDef, key: &[Value]) -> Result<()> {
        let store = self.store_of(def);
        let gone = store.find(key).ok().flatten().filter(|slot| store.status(*slot) == Status::Expired);
        let Some(slot) = gone else { return Ok(()) };
        let _work = self.work();
        for store in self.stores() {
            for (at, relation) in store.def().relations.iter().enumerate() {
                if std::ptr::eq((relation.target)(), def) && !self.showing(store.def(), at, slot).is_empty() {
                    return Err(Error::new(
                        ErrorKind::ObjectDeleted,
                        "the row is gone: someone deleted it. The session shows it as a member of another object still; let go of it: \
                         `session.expunge(key)`",
                    )
                    .with_entity(def.name)
                    .with_key(print_values(key)));
                }
            }
        }
        store.publish_deleted(slot);
        Ok(())
    }

    /// Lets go of a pending object that was given this key.
    pub(crate) fn discard_pending(&mut self, def: &'static EntityDef, key: &[Value]) {
        let entity = Self::object(def, 0).entity;
        let work = self.work_mut();
        let object = ComparableKey::of(key).and_then(|key| work.pending_keys.remove(&(entity, key)));
        if let Some(object) = object.filter(|object| work.pending.contains(object)) {
            self.discard(&[object]);
        }
    }

    /// Unflushed rows of secondary tables are dropped, and both sides forget what they show.
    fn drop_pairs(&mut self, object: ObjectRef, relation: Option<usize>) {
        let mut dropped = Vec::new();
        self.work_mut().pairs.retain(|pair, _| {
            let is_owner = pair.owner == object && relation.is_none_or(|relation| relation == pair.relation);
            let is_target = pair.target == object && relation.is_none();
            if is_owner || is_target {
                dropped.push(*pair);
            }
            !(is_owner || is_target)
        });
        for Pair { owner, relation, target } in dropped {
            let inverse = inverse_of(self.store_at(owner).def(), relation);
            self.store_mut(owner.entity).unload(owner.slot, relation);
            if let Some(inverse) = inverse {
                self.store_mut(target.entity).unload(target.slot, inverse);
            }
        }
    }

    /// Before changes of foreign keys are dropped: lists of parents that came to show the object, or ceased to, are forgotten.
    fn unlist_changes(&mut self, object: ObjectRef, columns: &[usize]) {
        for (owner, relation) in self.sides_of_changes(object, columns) {
            self.store_mut(owner.entity).unload(owner.slot, relation);
        }
    }

    /// An object whose unflushed foreign keys, those of which `is_dropped` says so, are dropped takes nobody's place.
    fn forget_newest(&mut self, object: ObjectRef, is_dropped: impl Fn(&[&str]) -> bool) {
        let mut places: Vec<Side> =
            self.work().one_to_one.iter().filter(|(_, it)| it.child == object).map(|(at, _)| *at).collect();
        places.retain(|(parent, relation)| is_dropped(self.store_at(*parent).def().relations[*relation].foreign_key));
        let work = self.work_mut();
        work.one_to_one.retain(|place, _| !places.contains(place));
    }

    /// Before it is forgotten that an object was taken out of lists by these columns: those lists are forgotten.
    fn unlist_taken(&mut self, object: ObjectRef, columns: &[usize]) {
        let sides = self.sides_of_taking(&self.work(), object, columns);
        for (parent, relation) in sides {
            self.store_mut(parent.entity).unload(parent.slot, relation);
        }
    }

    /// The lists that an object was taken out of, by foreign keys among these columns.
    pub(crate) fn sides_of_taking(&self, work: &Work, object: ObjectRef, columns: &[usize]) -> Vec<Side> {
        let def = self.store_at(object).def();
        let is_among = |field: &&str| def.column_of_field(field).is_some_and(|at| columns.contains(&at));
        let taken = work.taken_away.get(&object).into_iter().flatten();
        let taken = taken.filter(|taken| taken.columns.iter().any(is_among));
        taken.filter_map(|taken| Some((taken.parent?, taken.relation))).collect()
    }

    /// The lists of parents that unflushed changes of foreign keys among these columns have an object show up in, or miss.
    pub(crate) fn sides_of_changes(&self, object: ObjectRef, columns: &[usize]) -> IndexSet<Side> {
        let mut sides: IndexSet<Side> = IndexSet::default();
        let children = self.store_at(object);
        let def = children.def();
        let changed: Vec<usize> = columns
            .iter()
            .copied()
            .filter(|column| children.value(object.slot, *column) != children.base_value(object.slot, *column))
            .collect();
        if changed.is_empty() {
            return sides;
        }
        for parents in self.stores() {
            let parent = parents.def();
            for (at, relation) in parent.relations.iter().enumerate() {
                let is_child = matches!(relation.kind, RelationKind::HasMany | RelationKind::HasOne)
                    && std::ptr::eq((relation.target)(), def);
                let columns = if is_child { key_columns(def, relation) } else { Vec::new() };
                if !columns.iter().any(|column| changed.contains(column)) {
                    continue;
                }
                sides.extend(self.showing(parent, at, object.slot));
                if referenced_columns(parent, relation) == parent.primary_key {
                    let before = columns.iter().map(|column| children.base_value(object.slot, *column));
                    let before: Option<Vec<Value>> =
                        before.map(|value| value.filter(|value| !is_null(value))).collect();
                    let slot = before.and_then(|key| parents.find(&key).ok().flatten());
                    sides.extend(slot.map(|slot| (Self::object(parent, slot), at)));
                }
            }
        }
        sides
    }

    /// The objects whose relationship shows a member.
    pub(super) fn showing(&self, def: &'static EntityDef, relation: usize, member: u32) -> Vec<Side> {
        let store = self.store_of(def);
        let shows = |slot: &u32| {
            let targets = store.links(*slot).and_then(|links| links[relation].targets());
            targets.is_some_and(|targets| targets.as_slice().contains(&member))
        };
        (0..store.len()).filter(shows).map(|slot| (Self::object(def, slot), relation)).collect()
    }
}
