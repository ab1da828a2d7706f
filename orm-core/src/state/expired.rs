//! Expired objects: what is still known of a row of which some columns, or all, must be read again.
//!
//! An expired object has no row. The columns that did not expire wait in a draft, its *known* columns, and its unflushed
//! changes in another; when the rest is read, the three make a row again.

use std::sync::Arc;

use super::{Absorb, AnyStore, Mark, Slot, Store, store::version_column};
use crate::{
    entity::{Draft, Entity, KeyType},
    error::StateCause,
    value::{ColumnError, Value},
};

/// What `expire` takes away of the columns of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expire<'c> {
    /// Columns that must be read again; their unflushed changes are dropped.
    pub(crate) columns: &'c [usize],
    /// Columns whose unflushed changes are dropped, and nothing else.
    pub(crate) changes: &'c [usize],
    pub(crate) cause: StateCause,
}

impl<E: Entity> Slot<E> {
    /// Forgets the row and the relationships; marks and promises stay.
    pub(super) fn forget(&mut self, cause: StateCause) {
        self.take_row();
        if let Some(extra) = self.extra_mut() {
            extra.forget_rows();
            extra.unload_links();
        }
        self.set_expired_by(cause);
    }

    /// Forgets some columns, and the changes of some.
    pub(super) fn forget_columns(&mut self, expire: Expire<'_>) {
        let all = 0..E::DEF.columns.len();
        let (mut known, mut mine) = (E::Draft::default(), E::Draft::default());
        let mut changed = false;
        let is_key = |column: &usize| E::DEF.primary_key.contains(column);
        for column in all {
            let expires = expire.columns.contains(&column) && !is_key(&column);
            let (base, current) = (self.known_value(column), self.changed_value(column));
            // A value that comes from a column of this type goes into one: what would not is read again.
            if let (Some(value), false) = (base, expires) {
                let _ = known.set_value(column, &value);
            }
            if let (Some(value), false) = (current, expires || expire.changes.contains(&column)) {
                changed |= mine.set_value(column, &value).is_ok();
            }
        }
        self.take_row();
        self.extra();
        if let Some(extra) = self.extra_mut() {
            extra.forget_rows();
        }
        match known.finish() {
            Ok(row) => self.settle_row(row, changed.then_some(&mine)),
            Err(_) => {
                self.extra().set_known(Box::new(known));
                if changed {
                    self.extra().push_draft(Box::new(mine));
                }
                self.set_expired_by(expire.cause);
            }
        }
    }

    /// A row that agrees with the database, and what was changed on top of it.
    fn settle_row(&self, row: E, mine: Option<&E::Draft>) {
        let written = mine.map(|mine| {
            let mut written = row.duplicate();
            for column in 0..E::DEF.columns.len() {
                if let Some(value) = mine.value(column) {
                    let _ = written.set_value(column, &value);
                }
            }
            written
        });
        self.publish(Arc::new(row));
        if let Some(written) = written {
            self.write(Arc::new(written));
        }
    }

    /// A column as the database has it, where that is known.
    fn known_value(&self, column: usize) -> Option<Value> {
        match self.base() {
            Some(row) => row.value(column),
            None => self.extra_if_any()?.known_value(column),
        }
    }

    /// A column that was changed and not flushed.
    fn changed_value(&self, column: usize) -> Option<Value> {
        match (self.current(), self.base()) {
            (Some(current), Some(base)) => (!current.same(base, column)).then(|| current.value(column)).flatten(),
            _ => self.extra_if_any()?.draft()?.value(column),
        }
    }
}

impl<E: Entity> Store<E> {
    /// The columns that must be read again, by position; none of an object whose row is there.
    pub(super) fn unknown_columns(&self, slot: &Slot<E>) -> Vec<usize> {
        if slot.has_row() {
            return Vec::new();
        }
        let known = |column: &usize| slot.extra_if_any().is_some_and(|extra| extra.known_value(*column).is_some());
        (0..E::DEF.columns.len()).filter(|column| !E::DEF.columns[*column].deferred && !known(column)).collect()
    }

    /// A row for an object whose row is not known: what did not expire stays as this transaction read it, and what was set
    /// meanwhile stays set.
    pub(super) fn fill_expired(&self, slot: &Slot<E>, mut row: E, how: Absorb, epoch: u64) -> Result<(), ColumnError> {
        self.wake(slot);
        let extra = slot.extra_if_any();
        if let (Some(extra), Absorb::Fill) = (extra, how) {
            let past = !same_transaction(slot.epoch(), epoch);
            for (column, def) in E::DEF.columns.iter().enumerate() {
                // Of what is past only what no row brings is worth keeping.
                let is_lacking = def.deferred && row.value(column).is_none();
                // The version stays with the row that was seen, under what was changed of it.
                let is_seen = def.version && self.has_change(slot);
                if (!past || is_lacking || is_seen)
                    && let Some(value) = extra.known_value(column)
                {
                    row.set_value(column, &value).map_err(|error| ColumnError { column, error })?;
                }
            }
        }
        let draft = extra.and_then(|extra| extra.draft()).filter(|_| how == Absorb::Fill);
        slot.settle_row(row, draft);
        if let Some(extra) = extra {
            extra.settle_draft(extra.draft_version());
        }
        slot.set_epoch(epoch);
        Ok(())
    }

    /// Whether the next flush writes or deletes the row of an expired object.
    fn has_change(&self, slot: &Slot<E>) -> bool {
        self.has_unflushed(slot) || slot.extra_if_any().is_some_and(|extra| extra.draft().is_some())
    }

    /// Values for the columns that had expired, or were past.
    pub(super) fn complete_row(
        &self,
        slot: &Slot<E>,
        values: &[(usize, Value)],
        epoch: u64,
    ) -> Result<(), ColumnError> {
        if slot.has_row() {
            return Ok(());
        }
        let mut known = slot.extra_if_any().and_then(|extra| extra.known()).unwrap_or_default();
        if let Some(key) = slot.key() {
            for (column, value) in E::DEF.primary_key.iter().zip(key.to_values()) {
                known.set_value(*column, &value).map_err(|error| ColumnError { column: *column, error })?;
            }
        }
        for (column, value) in values {
            known.set_value(*column, value).map_err(|error| ColumnError { column: *column, error })?;
        }
        // Whatever is lacking still, the object stays expired.
        let Ok(row) = known.finish() else { return Ok(()) };
        slot.set_epoch(epoch);
        self.fill_expired(slot, row, Absorb::Fill, epoch)
    }

    /// Columns as the database has them now: changes of others stay.
    pub(super) fn overwrite_columns(
        &self,
        slot: &Slot<E>,
        values: &[(usize, Value)],
        epoch: u64,
    ) -> Result<(), ColumnError> {
        let Some(base) = slot.base() else { return Ok(()) };
        let mut row = base.duplicate();
        for (column, value) in values {
            row.set_value(*column, value).map_err(|error| ColumnError { column: *column, error })?;
        }
        let is_new = |column: usize| values.iter().any(|(at, _)| *at == column);
        let changed: Vec<usize> = self.changed_columns(slot).into_iter().filter(|at| !is_new(*at)).collect();
        let whole = (0..E::DEF.columns.len()).all(|column| E::DEF.columns[column].deferred || is_new(column));
        // What is shown beside a whole row that came was of another, maybe: its version stays with what was seen.
        let shown = (0..E::DEF.columns.len()).any(|column| !is_new(column) && base.value(column).is_some());
        if let (Some(version), true) = (version_column::<E>(), whole && (shown || !changed.is_empty()))
            && let Some(seen) = base.value(version)
        {
            row.set_value(version, &seen).map_err(|error| ColumnError { column: version, error })?;
        }
        let mine = slot.current().filter(|_| !changed.is_empty()).cloned();
        let written = mine.map(|mine| {
            let mut written = row.duplicate();
            for column in changed {
                if let Some(value) = mine.value(column) {
                    written.set_value(column, &value).map_err(|error| ColumnError { column, error })?;
                }
            }
            Ok(written)
        });
        let written = written.transpose()?;
        slot.publish(Arc::new(row));
        if let Some(written) = written {
            slot.write(Arc::new(written));
        }
        if whole {
            slot.set_epoch(epoch);
        }
        slot.alter(epoch);
        Ok(())
    }

    /// What `expire_all` of the program does: objects that have no row yet, and those that are deleted, stay as they are.
    pub(super) fn forget_all(&mut self, cause: StateCause) {
        for at in 0..self.len() {
            let slot = self.slot(at);
            if slot.key().is_some() && !slot.is(Mark::Deleted) && !slot.is(Mark::Discarded) {
                self.slot_mut(at, |slot| slot.forget(cause));
            }
        }
    }
}

/// Whether two moments are in the same transaction.
pub(crate) const fn same_transaction(a: u64, b: u64) -> bool {
    a >> 32 == b >> 32
}
