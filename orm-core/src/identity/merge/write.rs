//! Writing columns of one object at once: foreign keys go the way of their relationships, so that both sides and all promises hold.

use crate::{
    error::{Error, ErrorKind, Result},
    identity::{IdentityMap, ObjectRef, Work, key_columns, referenced_columns},
    schema::{EntityDef, RelationDef, RelationKind},
    state::{AnyStore, Status},
    value::{Value, is_null},
};

/// What is written to one object: checked, and then written without a way to fail.
#[derive(Debug, Default)]
pub(crate) struct Write {
    columns: Vec<(usize, Value)>,
    /// To-ones by position, and the keys that they get; none: cleared.
    targets: Vec<(usize, Option<Vec<Value>>)>,
}

impl IdentityMap {
    /// Writes columns of an object as setters would. Refused, nothing changed.
    pub(crate) fn write_columns(&self, object: ObjectRef, values: Vec<(usize, Value)>) -> Result<()> {
        let work = &mut *self.work();
        let write = self.plan_write(work, object, values, &[])?;
        self.write(work, object, write)
    }

    /// What writing these columns comes to. `given`: relationships that are written otherwise.
    pub(super) fn plan_write(
        &self,
        work: &Work,
        object: ObjectRef,
        mut values: Vec<(usize, Value)>,
        given: &[usize],
    ) -> Result<Write> {
        let store = self.store_at(object);
        let def = store.def();
        let mut targets = Vec::new();
        for (at, relation) in def.relations.iter().enumerate() {
            let columns = key_columns(def, relation);
            let is_written = |column: &usize| values.iter().any(|(known, _)| known == column);
            if relation.kind != RelationKind::BelongsTo || relation.view_only || !columns.iter().any(is_written) {
                continue;
            }
            let key = new_key(store, object.slot, &columns, &values);
            values.retain(|(known, _)| !columns.contains(known) || def.primary_key.contains(known));
            if given.contains(&at) {
                continue;
            }
            // What was taken away, or follows a new parent, is written even where the columns say so already.
            let is_known = self.has_own_key(work, object, relation);
            let now: Vec<Option<Value>> = columns.iter().map(|column| store.value(object.slot, *column)).collect();
            if is_known && now.iter().eq(key.iter().map(|value| Some(value).cloned()).collect::<Vec<_>>().iter()) {
                continue;
            }
            let key = (!key.iter().any(is_null)).then_some(key);
            self.check_target(object, at, relation, key.as_deref())?;
            targets.push((at, key));
        }
        values.retain(|(column, _)| {
            let definition = &def.columns[*column];
            !def.primary_key.contains(column) && !definition.version && !definition.read_only
        });
        Ok(Write { columns: values, targets })
    }

    /// Whether the columns of a foreign key say who the parent is.
    fn has_own_key(&self, work: &Work, object: ObjectRef, relation: &RelationDef) -> bool {
        work.follow_of(object, relation.foreign_key).is_none() && !work.is_taken_away(object, relation.foreign_key)
    }

    /// What giving a to-one the target with this key comes to.
    pub(super) fn plan_target(&self, object: ObjectRef, relation: usize, key: &[Value]) -> Result<Write> {
        let declared = &self.store_at(object).def().relations[relation];
        self.check_target(object, relation, declared, Some(key))?;
        Ok(Write { columns: Vec::new(), targets: vec![(relation, Some(key.to_vec()))] })
    }

    /// Writes what was planned.
    pub(super) fn write(&self, work: &mut Work, object: ObjectRef, write: Write) -> Result<()> {
        let store = self.store_at(object);
        let def = store.def();
        if !write.columns.is_empty() {
            store.set_values(object.slot, &write.columns).map_err(|error| {
                Error::new(ErrorKind::Value, error.error.reason())
                    .with_entity(def.name)
                    .with_attribute(def.columns[error.column].field)
            })?;
            work.touch(store, object);
        }
        for (relation, key) in write.targets {
            match key {
                None => self.clear_to_one(work, object, relation)?,
                Some(key) => match self.held_target(def, relation, &key) {
                    Some(target) => self.connect_in(work, object, relation, target)?,
                    None => self.set_foreign_key(work, object, relation, &key)?,
                },
            }
        }
        Ok(())
    }

    /// Whether a to-one may get this target, as far as promises go.
    fn check_target(
        &self,
        object: ObjectRef,
        at: usize,
        relation: &'static RelationDef,
        key: Option<&[Value]>,
    ) -> Result<()> {
        let def = self.store_at(object).def();
        match key {
            None => Ok(()),
            Some(key) => match self.held_target(def, at, key) {
                Some(target) => self.check_connect(object, at, target),
                None if self.shows_what_was_promised(object, at) => {
                    Err(self.breaks_promise_by_key(object, relation, key))
                }
                None => Ok(()),
            },
        }
    }

    /// The object that a foreign key refers to, where the session holds it.
    fn held_target(&self, def: &'static EntityDef, relation: usize, key: &[Value]) -> Option<ObjectRef> {
        let relation = &def.relations[relation];
        let target = (relation.target)();
        if referenced_columns(target, relation) != target.primary_key {
            return None;
        }
        let slot = self.store_of(target).find(key).ok().flatten()?;
        let is_there = matches!(self.store_of(target).status(slot), Status::Persistent | Status::Expired);
        is_there.then(|| Self::object(target, slot))
    }
}

/// A foreign key as it will be: what is written, and what the object has beside it.
fn new_key(store: &dyn AnyStore, slot: u32, columns: &[usize], values: &[(usize, Value)]) -> Vec<Value> {
    let value = |column: &usize| {
        let written = values.iter().find(|(known, _)| known == column).map(|(_, value)| value.clone());
        let null = || crate::value::null_of(store.def().columns[*column].sql_type);
        written.or_else(|| store.value(slot, *column)).unwrap_or_else(null)
    };
    columns.iter().map(value).collect()
}
