//! All objects of one entity in one session: an arena of slots and the index that finds them by key.

use std::{
    any::Any,
    hash::BuildHasher,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{Event, Expire, Extra, Life, Link, Mark, Slot, same_transaction};
use crate::{
    entity::{Draft, Entity, KeyType},
    error::StateCause,
    schema::EntityDef,
    value::{Cells, ColumnError, DecodeError, Raw, Value, is_null},
};

/// What a row does to an object that the session has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absorb {
    /// Fills what is absent, and what is past and unmodified; overwrites nothing else.
    Fill,
    /// Overwrites everything, unflushed changes too: `refresh`, `for_update`, `populate_existing`.
    Populate,
}

/// Where an object is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Added, not yet flushed.
    Pending,
    /// It has a row, and the row is known.
    Persistent,
    /// It has a row, which must be read again.
    Expired,
    /// A flush of this transaction deleted the row.
    Deleted,
    /// Taken out before it was flushed.
    Discarded,
}

/// What a flush has to write of one changed object.
#[derive(Debug)]
pub(crate) struct RowChanges {
    /// Hand it back to [`AnyStore::confirm`].
    pub(crate) version: usize,
    /// The columns whose values differ from the database's.
    pub(crate) columns: Vec<usize>,
}

/// A [`Store`] whose entity is known by its definition only: what loaders and the flush work with, compiled once.
pub(crate) trait AnyStore: Send + Sync {
    fn as_any(&self) -> &dyn Any;

    fn def(&self) -> &'static EntityDef;

    /// How many objects there are, discarded ones included.
    fn len(&self) -> u32;

    /// Takes in one row whose columns begin at `first`; `None` when its key is NULL (the empty side of an outer join).
    fn absorb(&self, cells: &dyn Cells, first: usize, how: Absorb, epoch: u64) -> Result<Option<u32>, ColumnError>;

    /// Takes in some columns of an object: deferred ones, returned ones.
    fn absorb_columns(&self, slot: u32, values: &[(usize, Value)]) -> Result<(), ColumnError>;

    fn decode_value(&self, column: usize, raw: Raw<'_>) -> Result<Value, DecodeError>;

    /// The object with this key, expired ones included.
    fn find(&self, key: &[Value]) -> Result<Option<u32>, DecodeError>;

    /// Whether this transaction deleted the row with this key, and no other object has it now.
    fn has_deleted(&self, key: &[Value]) -> bool;

    /// The object with this key, made with no row if there is none: to be linked to by its key.
    fn reserve(&self, key: &[Value]) -> Result<u32, DecodeError>;

    fn key(&self, slot: u32) -> Option<Vec<Value>>;

    /// The key as text for messages.
    fn print_key(&self, slot: u32) -> String;

    fn status(&self, slot: u32) -> Status;

    /// The value of a column as the program sees it, unflushed changes included; `None` where it is not set or not loaded.
    fn value(&self, slot: u32, column: usize) -> Option<Value>;

    /// The value of a column as the database has it.
    fn base_value(&self, slot: u32, column: usize) -> Option<Value>;

    /// Sets a column as a program would: the next flush writes it.
    fn set_value(&self, slot: u32, column: usize, value: &Value) -> Result<(), DecodeError>;

    /// Sets columns as a program would, in one step.
    fn set_values(&self, slot: u32, values: &[(usize, Value)]) -> Result<(), ColumnError>;

    /// A new object with these columns; what is not set gets its default.
    fn add_new(&self, values: &[(usize, Value)]) -> Result<u32, ColumnError>;

    /// Takes in the row of a detached value, where none is known; deferred columns that it holds, in any case. None, where this
    /// transaction deleted it.
    fn adopt(&self, row: &Arc<dyn Any + Send + Sync>, epoch: u64) -> Result<Option<u32>, ColumnError>;

    fn is_column_loaded(&self, slot: u32, column: usize) -> bool;

    fn link(&self, slot: u32, relation: usize) -> &Link;

    /// The relationships of an object, if any was ever loaded or written.
    fn links(&self, slot: u32) -> Option<&[Link]>;

    fn set_mark(&self, slot: u32, mark: Mark);

    fn clear_mark(&self, slot: u32, mark: Mark);

    /// What is unflushed of an object that has a row.
    fn changes(&self, slot: u32) -> Option<RowChanges>;

    /// Tells one draft of an object from a later one.
    fn draft_version(&self, slot: u32) -> usize;

    /// The columns that were set of an object whose row is expired: what a flush has to write of it.
    fn draft_columns(&self, slot: u32) -> Vec<usize>;

    /// The database has what the draft of an expired object said at this version, and these values besides.
    fn settle_draft(&self, slot: u32, version: usize, returned: &[(usize, Value)]);

    /// The columns that must be read again before there is a row.
    fn expired_columns(&self, slot: u32) -> Vec<usize>;

    /// The object that a row belongs to, if its row is known.
    fn find_row(&self, cells: &dyn Cells, first: usize) -> Result<Option<u32>, ColumnError>;

    /// Takes in columns of an object whose row is known, unflushed changes of these columns dropped.
    fn overwrite(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError>;

    /// Whether some columns of an expired object did not expire.
    fn is_partly_known(&self, slot: u32) -> bool;

    /// Whether what is known of an object is of an earlier transaction.
    fn is_past(&self, slot: u32, epoch: u64) -> bool;

    /// What expired an object, where that was not the end of a transaction.
    fn expired_by(&self, slot: u32) -> Option<StateCause>;

    /// Takes in the columns of an expired object that must be read again.
    fn complete(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError>;

    /// Forgets the row of one object and its relationships.
    fn expire(&mut self, slot: u32, cause: StateCause);

    /// Lets go of one object.
    fn remove(&mut self, slot: u32);

    /// Forgets some columns of one object.
    fn expire_columns(&mut self, slot: u32, expire: Expire<'_>);

    /// Forgets the other side of a relationship.
    fn unload(&mut self, slot: u32, relation: usize);

    /// Something about an object changed at this moment, beside its row being read.
    fn note_altered(&self, slot: u32, epoch: u64);

    /// Goes back to the moment `epoch`, when there were so many objects.
    fn roll_back_to(&mut self, count: u32, epoch: u64, cause: StateCause);

    /// Forgets every row; objects that have none yet stay.
    fn expire_held(&mut self, cause: StateCause);

    /// The database has the row as it was at `version`, and these values besides.
    fn confirm(&self, slot: u32, version: usize, returned: &[(usize, Value)]) -> Result<(), ColumnError>;

    /// A pending object has its row now: the draft and these values. The error is the column that is still missing.
    fn publish_inserted(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError>;

    /// The row is gone: no key leads here any more.
    fn publish_deleted(&self, slot: u32);

    /// After commit: every row is forgotten, the keys stay.
    fn expire_all(&mut self);

    /// After rollback: as `expire_all`, and what this transaction made is undone.
    fn roll_back(&mut self);

    /// After a rollback with no transaction begun: pending objects and unflushed changes go.
    fn discard_unflushed(&mut self);

    /// After a commit that keeps: old versions are let go.
    fn settle(&mut self);

    /// After a commit that keeps, with handles alive.
    fn settle_shared(&self);
}

/// All objects of one entity in one session.
pub(crate) struct Store<E: Entity> {
    slots: boxcar::Vec<Slot<E>>,
    index: Mutex<HashTable<u32>>,
    hasher: DefaultHashBuilder,
    /// Where the key's columns are among the columns that a row brings.
    key_cell: usize,
}

impl<E: Entity> Store<E> {
    pub(crate) fn new() -> Self {
        let first_key = E::DEF.primary_key[0];
        Self {
            slots: boxcar::Vec::new(),
            index: Mutex::default(),
            hasher: DefaultHashBuilder::default(),
            key_cell: E::DEF.columns[..first_key].iter().filter(|column| !column.deferred).count(),
        }
    }

    pub(crate) fn slot(&self, index: u32) -> &Slot<E> {
        match self.slots.get(index as usize) {
            Some(slot) => slot,
            None => unreachable!("orm bug: no object {index} of {}", E::DEF.name),
        }
    }

    pub(crate) fn find_key(&self, key: &E::Key) -> Option<&Slot<E>> {
        let hash = self.hasher.hash_one(key);
        let at = *self.lock().find(hash, |at| self.slot(*at).key() == Some(key))?;
        Some(self.slot(at))
    }

    /// Whether this transaction deleted an object with this key.
    pub(crate) fn deleted_with_key(&self, key: &E::Key) -> bool {
        self.slots.iter().any(|(_, slot)| slot.is(Mark::Deleted) && slot.key() == Some(key))
    }

    /// A new object with this draft.
    pub(crate) fn add_pending(&self, draft: Box<E::Draft>) -> &Slot<E> {
        let slot = self.new_slot();
        debug_assert_eq!(Life::Transient.after(Event::Add), Some(Life::Pending));
        slot.extra().push_draft(draft);
        slot
    }

    /// What is about to happen to an object is in the table of states.
    pub(super) fn expect(&self, slot: u32, event: Event) {
        let life = self.status(slot).life();
        // What was taken out again has no part in anything.
        debug_assert!(
            life == Life::Transient || life.after(event).is_some(),
            "orm bug: {event:?} of a {} {}",
            life.name(),
            E::DEF.name
        );
    }

    /// Changes the row of a persistent object: `change` says whether anything is different.
    pub(crate) fn change(&self, slot: &Slot<E>, change: impl FnOnce(&mut E) -> bool) -> bool {
        let Some(current) = slot.current() else { return false };
        let mut row = current.duplicate();
        let changed = change(&mut row);
        if changed {
            slot.write(Arc::new(row));
        }
        changed
    }

    /// Changes the draft of a pending object.
    pub(crate) fn change_draft(&self, slot: &Slot<E>, change: impl FnOnce(&mut E::Draft)) {
        let mut draft = slot.extra().draft().cloned().unwrap_or_default();
        change(&mut draft);
        slot.extra().push_draft(Box::new(draft));
    }

    pub(super) fn slot_mut<R>(&mut self, at: u32, act: impl FnOnce(&mut Slot<E>) -> R) -> R {
        match self.slots.get_mut(at as usize) {
            Some(slot) => act(slot),
            None => unreachable!("orm bug: no object {at} of {}", E::DEF.name),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashTable<u32>> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn new_slot(&self) -> &Slot<E> {
        let at = self.slots.push_with(|at| Slot::new(u32::try_from(at).expect("a session holds at most 2^32 objects")));
        self.slot(at as u32)
    }

    pub(super) fn register(&self, slot: &Slot<E>, key: E::Key) {
        let hash = self.hasher.hash_one(&key);
        slot.set_key(key);
        self.lock().insert_unique(hash, slot.index(), |at| self.hash_of(*at));
    }

    pub(super) fn unregister(&self, slot: &Slot<E>) {
        if let Some(key) = slot.key() {
            let hash = self.hasher.hash_one(key);
            if let Ok(entry) = self.lock().find_entry(hash, |at| *at == slot.index()) {
                entry.remove();
            }
        }
    }

    fn hash_of(&self, at: u32) -> u64 {
        match self.slot(at).key() {
            Some(key) => self.hasher.hash_one(key),
            None => unreachable!("orm bug: an object in the identity map without a key"),
        }
    }

    /// Puts a newer row from the database under the unflushed changes of an object.
    fn rebase(&self, slot: &Slot<E>, row: E) -> Result<(), ColumnError> {
        let changed = self.changed_columns(slot);
        let mine = slot.current().cloned();
        slot.publish(Arc::new(row));
        if let (Some(mine), false) = (mine, changed.is_empty()) {
            let Some(base) = slot.current() else { return Ok(()) };
            let mut row = base.duplicate();
            for column in changed {
                if let Some(value) = mine.value(column) {
                    row.set_value(column, &value).map_err(|error| ColumnError { column, error })?;
                }
            }
            slot.write(Arc::new(row));
        }
        Ok(())
    }

    pub(super) fn changed_columns(&self, slot: &Slot<E>) -> Vec<usize> {
        match (slot.current(), slot.base()) {
            (Some(current), Some(base)) if !Arc::ptr_eq(current, base) => {
                (0..E::DEF.columns.len()).filter(|column| !current.same(base, *column)).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl<E: Entity> AnyStore for Store<E> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn def(&self) -> &'static EntityDef {
        E::DEF
    }

    fn len(&self) -> u32 {
        self.slots.count() as u32
    }

    fn absorb(&self, cells: &dyn Cells, first: usize, how: Absorb, epoch: u64) -> Result<Option<u32>, ColumnError> {
        if matches!(cells.raw(first + self.key_cell), Raw::Null) {
            return Ok(None);
        }
        let key = E::decode_key(cells, first)?;
        let Some(slot) = self.find_key(&key) else {
            let row = E::decode(cells, first)?;
            let slot = self.new_slot();
            slot.publish(Arc::new(row));
            slot.set_epoch(epoch);
            self.register(slot, key);
            return Ok(Some(slot.index()));
        };
        if !slot.has_row() {
            self.fill_expired(slot, E::decode(cells, first)?, how, epoch)?;
        } else if how == Absorb::Populate {
            let row = E::decode(cells, first)?;
            slot.publish(Arc::new(row));
            slot.set_epoch(epoch);
        } else if !same_transaction(slot.epoch(), epoch) {
            self.rebase(slot, E::decode(cells, first)?)?;
            slot.set_epoch(epoch);
        }
        Ok(Some(slot.index()))
    }

    fn absorb_columns(&self, slot: u32, values: &[(usize, Value)]) -> Result<(), ColumnError> {
        let slot = self.slot(slot);
        let Some(base) = slot.base() else { return Ok(()) };
        let mut row = base.duplicate();
        for (column, value) in values {
            row.set_value(*column, value).map_err(|error| ColumnError { column: *column, error })?;
        }
        self.rebase(slot, row)
    }

    fn decode_value(&self, column: usize, raw: Raw<'_>) -> Result<Value, DecodeError> {
        E::decode_value(column, raw)
    }

    fn find(&self, key: &[Value]) -> Result<Option<u32>, DecodeError> {
        Ok(self.find_key(&E::Key::from_values(key)?).map(Slot::index))
    }

    fn has_deleted(&self, key: &[Value]) -> bool {
        E::Key::from_values(key).is_ok_and(|key| self.find_key(&key).is_none() && self.deleted_with_key(&key))
    }

    fn reserve(&self, key: &[Value]) -> Result<u32, DecodeError> {
        let key = E::Key::from_values(key)?;
        if let Some(slot) = self.find_key(&key) {
            return Ok(slot.index());
        }
        let slot = self.new_slot();
        self.register(slot, key);
        Ok(slot.index())
    }

    fn key(&self, slot: u32) -> Option<Vec<Value>> {
        let slot = self.slot(slot);
        match slot.key() {
            Some(key) => Some(key.to_values()),
            None => {
                let draft = slot.extra_if_any()?.draft()?;
                E::DEF.primary_key.iter().map(|column| draft.value(*column).filter(|value| !is_null(value))).collect()
            }
        }
    }

    fn print_key(&self, slot: u32) -> String {
        match self.slot(slot).key() {
            Some(key) => format!("{key:?}"),
            None => "new".to_owned(),
        }
    }

    fn status(&self, slot: u32) -> Status {
        let slot = self.slot(slot);
        if slot.is(Mark::Discarded) {
            Status::Discarded
        } else if slot.is(Mark::Deleted) {
            Status::Deleted
        } else if slot.has_row() {
            Status::Persistent
        } else if slot.key().is_some() {
            Status::Expired
        } else {
            Status::Pending
        }
    }

    fn value(&self, slot: u32, column: usize) -> Option<Value> {
        let slot = self.slot(slot);
        match slot.current() {
            Some(row) => row.value(column),
            None => {
                let extra = slot.extra_if_any()?;
                extra.draft().and_then(|draft| draft.value(column)).or_else(|| extra.known_value(column))
            }
        }
    }

    fn base_value(&self, slot: u32, column: usize) -> Option<Value> {
        let slot = self.slot(slot);
        match slot.base() {
            Some(row) => row.value(column),
            None => slot.extra_if_any()?.known_value(column),
        }
    }

    fn set_value(&self, slot: u32, column: usize, value: &Value) -> Result<(), DecodeError> {
        let slot = self.slot(slot);
        match slot.current() {
            Some(current) => {
                let mut row = current.duplicate();
                row.set_value(column, value)?;
                if !row.same(current, column) {
                    slot.write(Arc::new(row));
                }
                Ok(())
            }
            None => {
                let mut draft = slot.extra().draft().cloned().unwrap_or_default();
                draft.set_value(column, value)?;
                slot.extra().push_draft(Box::new(draft));
                Ok(())
            }
        }
    }

    fn set_values(&self, slot: u32, values: &[(usize, Value)]) -> Result<(), ColumnError> {
        self.write_columns(self.slot(slot), values)
    }

    fn add_new(&self, values: &[(usize, Value)]) -> Result<u32, ColumnError> {
        self.add_pending_of(values).map(Slot::index)
    }

    fn adopt(&self, row: &Arc<dyn Any + Send + Sync>, epoch: u64) -> Result<Option<u32>, ColumnError> {
        self.adopt_row(row, epoch)
    }

    fn is_column_loaded(&self, slot: u32, column: usize) -> bool {
        self.slot(slot).current().is_some_and(|row| row.value(column).is_some())
    }

    fn link(&self, slot: u32, relation: usize) -> &Link {
        self.slot(slot).extra().link(relation)
    }

    fn links(&self, slot: u32) -> Option<&[Link]> {
        self.slot(slot).extra_if_any()?.links_if_any()
    }

    fn set_mark(&self, slot: u32, mark: Mark) {
        self.slot(slot).mark(mark);
    }

    fn clear_mark(&self, slot: u32, mark: Mark) {
        self.slot(slot).unmark(mark);
    }

    fn changes(&self, slot: u32) -> Option<RowChanges> {
        let slot = self.slot(slot);
        let version = slot.extra_if_any()?.version();
        let columns = self.changed_columns(slot);
        (!columns.is_empty()).then_some(RowChanges { version, columns })
    }

    fn draft_version(&self, slot: u32) -> usize {
        self.slot(slot).extra_if_any().map_or(0, Extra::draft_version)
    }

    fn draft_columns(&self, slot: u32) -> Vec<usize> {
        let draft = self.slot(slot).extra_if_any().and_then(|extra| extra.draft());
        draft.map_or_else(Vec::new, |draft| {
            (0..E::DEF.columns.len()).filter(|column| draft.value(*column).is_some()).collect()
        })
    }

    fn settle_draft(&self, slot: u32, version: usize, returned: &[(usize, Value)]) {
        if let Some(extra) = self.slot(slot).extra_if_any() {
            extra.confirm_draft(version, returned);
        }
    }

    fn expired_columns(&self, slot: u32) -> Vec<usize> {
        self.unknown_columns(self.slot(slot))
    }

    fn find_row(&self, cells: &dyn Cells, first: usize) -> Result<Option<u32>, ColumnError> {
        if matches!(cells.raw(first + self.key_cell), Raw::Null) {
            return Ok(None);
        }
        let slot = self.find_key(&E::decode_key(cells, first)?);
        Ok(slot.filter(|slot| slot.has_row()).map(Slot::index))
    }

    fn overwrite(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError> {
        self.overwrite_columns(self.slot(slot), values, epoch)
    }

    fn is_partly_known(&self, slot: u32) -> bool {
        self.slot(slot).extra_if_any().is_some_and(|extra| extra.known().is_some())
    }

    fn is_past(&self, slot: u32, epoch: u64) -> bool {
        !same_transaction(self.slot(slot).epoch(), epoch)
    }

    fn expired_by(&self, slot: u32) -> Option<StateCause> {
        self.slot(slot).expired_by()
    }

    fn complete(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError> {
        self.complete_row(self.slot(slot), values, epoch)
    }

    fn expire(&mut self, slot: u32, cause: StateCause) {
        self.slot_mut(slot, |slot| slot.forget(cause));
    }

    fn remove(&mut self, slot: u32) {
        self.expect(slot, Event::Expunge);
        self.unregister(self.slot(slot));
        self.slot_mut(slot, Slot::clear);
    }

    fn expire_columns(&mut self, slot: u32, expire: Expire<'_>) {
        self.slot_mut(slot, |slot| slot.forget_columns(expire));
    }

    fn unload(&mut self, slot: u32, relation: usize) {
        self.slot_mut(slot, |slot| {
            if let Some(links) = slot.extra_mut().and_then(Extra::links_mut) {
                links[relation].unload();
            }
        });
    }

    fn note_altered(&self, slot: u32, epoch: u64) {
        self.slot(slot).alter(epoch);
    }

    fn roll_back_to(&mut self, count: u32, epoch: u64, cause: StateCause) {
        self.back_to(count, epoch, cause);
    }

    fn expire_held(&mut self, cause: StateCause) {
        self.forget_all(cause);
    }

    fn confirm(&self, slot: u32, version: usize, returned: &[(usize, Value)]) -> Result<(), ColumnError> {
        if let Some(extra) = self.slot(slot).extra_if_any() {
            extra.confirm(version);
        }
        if returned.is_empty() { Ok(()) } else { self.absorb_columns(slot, returned) }
    }

    fn publish_inserted(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError> {
        self.expect(slot, Event::Inserted);
        let slot = self.slot(slot);
        let mut draft = slot.extra().draft().cloned().unwrap_or_default();
        for (column, value) in values {
            draft.set_value(*column, value).map_err(|error| ColumnError { column: *column, error })?;
        }
        let row = draft.finish().map_err(|column| ColumnError {
            column,
            error: DecodeError::new("not set, and the database returned no value"),
        })?;
        let key = row.key();
        slot.publish(Arc::new(row));
        slot.set_epoch(epoch);
        slot.mark(Mark::New);
        self.register(slot, key);
        Ok(())
    }

    fn publish_deleted(&self, slot: u32) {
        let slot = self.slot(slot);
        if !slot.is(Mark::Deleted) {
            self.expect(slot.index(), Event::RowDeleted);
        }
        self.unregister(slot);
        slot.unmark(Mark::DeletePending);
        slot.mark(Mark::Deleted);
    }

    fn expire_all(&mut self) {
        for at in 0..self.slots.count() {
            self.expect(at as u32, Event::Commit);
            if let Some(slot) = self.slots.get_mut(at) {
                if slot.is(Mark::Deleted) || slot.key().is_none() { slot.clear() } else { slot.expire() }
            }
        }
    }

    fn roll_back(&mut self) {
        // First what is new goes: it may have the key of what was deleted and comes back.
        for (_, slot) in self.slots.iter() {
            if slot.is(Mark::New) && !slot.is(Mark::Deleted) {
                self.unregister(slot);
            }
        }
        for at in 0..self.slots.count() {
            self.expect(at as u32, Event::Rollback);
            let slot = self.slot(at as u32);
            let (new, deleted, keyed) = (slot.is(Mark::New), slot.is(Mark::Deleted), slot.key().is_some());
            let Some(slot) = self.slots.get_mut(at) else { continue };
            if new || !keyed || slot.is(Mark::Gone) {
                slot.clear();
                continue;
            }
            slot.expire();
            if deleted {
                self.register_again(at as u32);
            }
        }
    }

    fn discard_unflushed(&mut self) {
        for at in 0..self.slots.count() {
            if let Some(slot) = self.slots.get_mut(at) {
                if slot.is(Mark::Deleted) || slot.key().is_none() { slot.clear() } else { slot.revert() }
            }
        }
    }

    fn settle(&mut self) {
        for at in 0..self.slots.count() {
            if let Some(slot) = self.slots.get_mut(at) {
                if slot.is(Mark::Deleted) || slot.key().is_none() { slot.clear() } else { slot.settle() }
            }
        }
    }

    fn settle_shared(&self) {
        for (_, slot) in self.slots.iter() {
            slot.unmark(Mark::New);
            if slot.is(Mark::Deleted) {
                slot.mark(Mark::Gone);
            }
        }
    }
}

impl<E: Entity> Store<E> {
    /// A deleted object that a rollback brought back is found by its key again.
    pub(super) fn register_again(&self, at: u32) {
        let hash = self.hash_of(at);
        let taken = self.slot(at).key().is_some_and(|key| self.find_key(key).is_some());
        if !taken {
            self.lock().insert_unique(hash, at, |at| self.hash_of(*at));
        }
    }
}
