//! What a flush did, for listeners: each object, and each attribute before and after.

use std::fmt;

use super::{
    plan::FlushPlan,
    rows::{Cell, Columns},
};
use crate::{
    entity::Entity,
    expr::Column,
    identity::{IdentityMap, ObjectRef},
    schema::EntityDef,
    value::{ColumnType, Value, print_values},
};

/// What one flush wrote.
#[derive(Debug, Default)]
pub struct Flushed {
    objects: Vec<FlushedObject>,
}

/// What happened to the row of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Written {
    /// It is new.
    Inserted,
    /// Some columns are different.
    Updated,
    /// It is gone.
    Deleted,
}

/// One object that a flush wrote, without its type. `Display` is a line for people: `User[7] updated: name "Ada" -> "Ada L."`.
pub struct FlushedObject {
    object: ObjectRef,
    def: &'static EntityDef,
    key: String,
    written: Written,
    /// Of each column: before, and after.
    values: Vec<(Option<Value>, Option<Value>)>,
    changes: Vec<FlushedChange>,
}

/// One attribute of an object that a flush wrote. Neither `Debug` nor `Display` shows the values of a sensitive column.
#[derive(Clone)]
pub struct FlushedChange {
    attribute: &'static str,
    old: Option<Value>,
    new: Option<Value>,
    sensitive: bool,
}

impl Flushed {
    /// Objects whose rows were inserted, then updated, then deleted; those that cascades took along too. Rows of the tables between
    /// for many-to-many are not among them.
    #[must_use]
    pub fn objects(&self) -> &[FlushedObject] {
        &self.objects
    }

    /// Notes what a plan is about to write.
    pub(super) fn before(&mut self, map: &IdentityMap, plan: &FlushPlan) {
        let rows = &plan.rows;
        let new = rows.new.iter().map(|row| (row.object, row.def, Written::Inserted));
        let changed = rows.changed.iter().map(|row| (row.object, row.def, Written::Updated));
        let gone = rows.gone.iter().map(|row| (row.object, row.def, Written::Deleted));
        let inserted = |object: &ObjectRef| rows.new_of.contains_key(object);
        for (object, def, written) in new.chain(changed.filter(|(object, ..)| !inserted(object))).chain(gone) {
            let store = map.store_at(object);
            let value = |column| (store.base_value(object.slot, column), None);
            self.objects.push(FlushedObject {
                object,
                def,
                key: store.print_key(object.slot),
                written,
                values: (0..def.columns.len()).map(value).collect(),
                changes: Vec::new(),
            });
        }
    }

    /// Notes what was written, after the objects have learnt it.
    pub(super) fn after(&mut self, map: &IdentityMap, plan: &FlushPlan) {
        for flushed in &mut self.objects {
            let object = flushed.object;
            let store = map.store_at(object);
            if flushed.written != Written::Deleted {
                flushed.key = store.print_key(object.slot);
                for (column, (_, new)) in flushed.values.iter_mut().enumerate() {
                    *new = store.base_value(object.slot, column);
                }
            }
            // Of an object whose row is expired, what was sent is all that is known.
            let sent = plan.rows.changed.iter().find(|row| row.object == object);
            flushed.take_sent(sent.map(|row| &row.cells));
            flushed.find_changes();
        }
        self.objects.retain(|flushed| flushed.written != Written::Updated || !flushed.changes.is_empty());
    }
}

impl FlushedObject {
    fn take_sent(&mut self, sent: Option<&Columns>) {
        for (column, cell) in sent.into_iter().flatten() {
            if let (Cell::Given(value) | Cell::Made(value), None) = (cell, &self.values[*column].1) {
                self.values[*column].1 = Some(value.clone());
            }
        }
    }

    fn find_changes(&mut self) {
        let columns = self.def.columns.iter().zip(&self.values);
        self.changes = columns
            .filter(|(_, (old, new))| old != new && (self.written != Written::Updated || new.is_some()))
            .map(|(column, (old, new))| FlushedChange {
                attribute: column.field,
                old: old.clone(),
                new: new.clone(),
                sensitive: column.sensitive,
            })
            .collect();
    }

    /// The entity's name: `User`.
    #[must_use]
    pub fn entity(&self) -> &'static str {
        self.def.name
    }

    /// Whether it is an object of this entity.
    #[must_use]
    pub fn is<E: Entity>(&self) -> bool {
        std::ptr::eq(self.def, E::DEF)
    }

    /// The primary key, printed.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What happened to its row.
    #[must_use]
    pub fn written(&self) -> Written {
        self.written
    }

    /// The columns that differ, those that the database made among them; of a row that is new or gone, all that are known.
    #[must_use]
    pub fn changes(&self) -> &[FlushedChange] {
        &self.changes
    }

    /// A column before and after, by its type: `None` where it was not known or there was no row. `None` at all for an object of
    /// another entity, or a column that is the same.
    #[must_use]
    pub fn change<E: Entity, T: ColumnType>(&self, column: Column<E, T>) -> Option<(Option<T>, Option<T>)> {
        if !self.is::<E>() {
            return None;
        }
        let field = E::DEF.columns[column.position()].field;
        let change = self.changes.iter().find(|change| change.attribute == field)?;
        let typed = |value: &Option<Value>| value.as_ref().and_then(|value| T::from_value(value).ok());
        Some((typed(&change.old), typed(&change.new)))
    }
}

impl FlushedChange {
    /// The field.
    #[must_use]
    pub fn attribute(&self) -> &'static str {
        self.attribute
    }

    /// The value before; none where it was not known, or there was no row.
    #[must_use]
    pub fn before(&self) -> Option<&Value> {
        self.old.as_ref()
    }

    /// The value after; none where there is no row any more.
    #[must_use]
    pub fn after(&self) -> Option<&Value> {
        self.new.as_ref()
    }

    /// Whether the column is `#[orm(sensitive)]`: its values are for no log.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.sensitive
    }
}

impl fmt::Debug for FlushedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FlushedObject({self})")
    }
}

impl fmt::Display for FlushedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = match self.written {
            Written::Inserted => "inserted",
            Written::Updated => "updated",
            Written::Deleted => return write!(f, "{}[{}] deleted", self.def.name, self.key),
        };
        write!(f, "{}[{}] {written}: ", self.def.name, self.key)?;
        for (at, change) in self.changes.iter().enumerate() {
            write!(f, "{}{change}", if at > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for FlushedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let print = |value: &Value| print_values(std::slice::from_ref(value));
        match (&self.old, &self.new) {
            _ if self.sensitive => write!(f, "{} (sensitive)", self.attribute),
            (Some(old), Some(new)) => write!(f, "{} {} -> {}", self.attribute, print(old), print(new)),
            (None, Some(value)) | (Some(value), None) => write!(f, "{} {}", self.attribute, print(value)),
            (None, None) => f.write_str(self.attribute),
        }
    }
}

impl fmt::Debug for FlushedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FlushedChange({self})")
    }
}
