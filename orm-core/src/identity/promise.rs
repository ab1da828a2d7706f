//! Promises: what live handles were told about the members of a relationship, checked before any write and passed down after.
//!
//! Getters never fail because of three rules: under a shared borrow a loaded slot stays loaded; every member of a slot holds
//! what the slot promised, at every level; and new members come in together with the promise, in one step.

use std::sync::Arc;

use super::{IdentityMap, ObjectRef};
use crate::{
    error::StateError,
    load::Shape,
    schema::{EntityDef, RelationDef},
    state::Status,
};

impl IdentityMap {
    /// Whether an object holds all of this. The error is the path to the first thing that is lacking.
    pub(crate) fn holds(&self, object: ObjectRef, shape: &Shape) -> Result<(), String> {
        let store = self.store_at(object);
        let def = store.def();
        match store.status(object.slot) {
            Status::Persistent | Status::Deleted => {}
            Status::Pending => return self.pending_holds(object, shape),
            Status::Expired | Status::Discarded => {
                return Err(format!("{}[{}]", def.name, store.print_key(object.slot)));
            }
        }
        for column in &shape.columns {
            if !store.is_column_loaded(object.slot, *column) {
                return Err(def.columns[*column].field.to_owned());
            }
        }
        for (relation, members) in &shape.relations {
            let RelationDef { name, target, .. } = &def.relations[*relation];
            let Some(targets) = store.link(object.slot, *relation).targets() else { return Err((*name).to_owned()) };
            self.all_hold(target(), targets.as_slice(), members).map_err(|path| format!("{name}.{path}"))?;
        }
        for (relation, members) in &shape.members {
            let RelationDef { name, target, .. } = &def.relations[*relation];
            if let Some(targets) = store.link(object.slot, *relation).targets() {
                self.all_hold(target(), targets.as_slice(), members).map_err(|path| format!("{name}.{path}"))?;
            }
        }
        Ok(())
    }

    /// The first object of all that a shape reaches which must be read again.
    pub(crate) fn first_expired(&self, object: ObjectRef, shape: &Shape) -> Option<ObjectRef> {
        let store = self.store_at(object);
        if store.status(object.slot) == Status::Expired {
            return Some(object);
        }
        shape.relations.iter().chain(&shape.members).find_map(|(relation, members)| {
            let target = (store.def().relations[*relation].target)();
            let targets = store.links(object.slot)?[*relation].targets()?;
            targets.as_slice().iter().find_map(|slot| self.first_expired(Self::object(target, *slot), members))
        })
    }

    /// Whether the members of a list can be read, whatever is loaded of them.
    pub(crate) fn check_members(&self, def: &'static EntityDef, slots: &[u32]) -> Result<(), StateError> {
        let store = self.store_of(def);
        match slots.iter().find(|slot| store.status(**slot) == Status::Expired) {
            None => Ok(()),
            Some(slot) => Err(self.expired_error(Self::object(def, *slot))),
        }
    }

    /// What must be read again of an object, and why.
    pub(crate) fn expired_error(&self, object: ObjectRef) -> StateError {
        let store = self.store_at(object);
        let def = store.def();
        StateError::Expired {
            entity: def.name,
            key: store.print_key(object.slot),
            attributes: store.expired_columns(object.slot).into_iter().map(|at| def.columns[at].field).collect(),
            cause: store.expired_by(object.slot).unwrap_or(self.expired_by()),
        }
    }

    fn all_hold(&self, def: &'static EntityDef, slots: &[u32], shape: &Shape) -> Result<(), String> {
        slots.iter().try_for_each(|slot| self.holds(Self::object(def, *slot), shape))
    }

    /// A new object will hold its collections (as given, or empty) once it is flushed, and no more than that is sure.
    fn pending_holds(&self, object: ObjectRef, shape: &Shape) -> Result<(), String> {
        let def = self.store_at(object).def();
        let unsure = shape.relations.iter().find(|(relation, members)| {
            let relation = &def.relations[*relation];
            !relation.kind.is_many() || !members.is_bare()
        });
        match unsure {
            None => Ok(()),
            Some((relation, _)) => Err(def.relations[*relation].name.to_owned()),
        }
    }

    /// Whether an object will hold all of this once it is linked with another: each of them with its relationship to the other. A to-one
    /// will show the other, whatever it shows now; a list will show the other beside what it shows now.
    pub(crate) fn will_hold(
        &self,
        (object, relation): (ObjectRef, Option<usize>),
        other: (ObjectRef, Option<usize>),
        shape: &Shape,
    ) -> Result<(), String> {
        let Some(relation) = relation else { return self.holds(object, shape) };
        let declared = &self.store_at(object).def().relations[relation];
        for (_, members) in shape.relations.iter().chain(&shape.members).filter(|(at, _)| *at == relation) {
            self.will_hold(other, (object, Some(relation)), members)
                .map_err(|path| format!("{}.{path}", declared.name))?;
        }
        if declared.kind.is_many() { self.holds(object, shape) } else { self.holds(object, &shape.without(relation)) }
    }

    /// Promises all of this of an object which holds it.
    pub(crate) fn promise(&self, object: ObjectRef, shape: &Shape) {
        if shape.is_bare() {
            return;
        }
        let store = self.store_at(object);
        let def = store.def();
        for (relation, members) in shape.relations.iter().chain(&shape.members) {
            let link = store.link(object.slot, *relation);
            // Members of a slot that promised as much already were told then.
            if !link.add_promise(members) || members.is_bare() {
                continue;
            }
            let target = (def.relations[*relation].target)();
            for slot in link.targets().iter().flat_map(|targets| targets.as_slice()) {
                self.promise(Self::object(target, *slot), members);
            }
        }
    }

    /// What the members of a relationship of this object must hold, if anyone was told. Of a list that is not loaded nobody reads
    /// members: whoever loads it sees to the promise.
    pub(crate) fn promised(&self, object: ObjectRef, relation: Option<usize>) -> Option<Arc<Shape>> {
        let (store, relation) = (self.store_at(object), relation?);
        let link = &store.links(object.slot)?[relation];
        let is_read = !store.def().relations[relation].kind.is_many() || link.is_loaded();
        link.promise().filter(|_| is_read)
    }
}
