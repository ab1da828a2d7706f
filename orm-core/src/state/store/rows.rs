//! Rows that come in: those of queries, and what a flush brought back.

use std::{convert::Infallible, sync::Arc};

use super::{Store, index::Entered};
use crate::{
    entity::{Draft, Entity},
    state::{Absorb, AnyStore as _, Brought, Event, Mark, Slot, same_transaction},
    value::{Cells, ColumnError, DecodeError, Raw, Value},
};

impl<E: Entity> Store<E> {
    pub(super) fn absorb_row(
        &self,
        cells: &dyn Cells,
        first: usize,
        brought: Brought<'_>,
        how: Absorb,
        epoch: u64,
    ) -> Result<Option<u32>, ColumnError> {
        let key = match E::decode_key(cells, first) {
            Ok(key) => key,
            Err(_) if matches!(cells.raw(first + self.key_cell), Raw::Null) => return Ok(None),
            Err(error) => return Err(error),
        };
        let row = || -> Result<E, ColumnError> {
            let mut row = E::decode(cells, first)?;
            for (column, value) in deferred_values::<E>(cells, brought, |_| true)? {
                row.set_value(column, &value).map_err(|error| ColumnError { column, error })?;
            }
            Ok(row)
        };
        let slot = match self.find_or_enter(key, epoch, || row().map(|row| Some(Arc::new(row))))? {
            Entered::New(at) => return Ok(Some(at)),
            Entered::Known(at) => self.slot(at),
        };
        if !slot.has_row() {
            self.fill_expired(slot, row()?, how, epoch)?;
        } else if how == Absorb::Populate {
            slot.publish(Arc::new(row()?));
            slot.set_epoch(epoch);
        } else if !same_transaction(slot.epoch(), epoch) {
            let mut row = row()?;
            self.keep_seen(slot, &mut row)?;
            self.rebase(slot, row)?;
            slot.set_epoch(epoch);
        } else if !brought.columns.is_empty() {
            let is_lacking = |column| !self.is_column_loaded(slot.index(), column);
            let lacking = deferred_values::<E>(cells, brought, is_lacking)?;
            if !lacking.is_empty() {
                slot.alter(epoch);
                self.absorb_returned(slot.index(), &lacking)?;
            }
        }
        Ok(Some(slot.index()))
    }

    pub(super) fn absorb_returned(&self, slot: u32, values: &[(usize, Value)]) -> Result<(), ColumnError> {
        let slot = self.slot(slot);
        let Some(base) = slot.base() else { return Ok(()) };
        let mut row = base.duplicate();
        for (column, value) in values {
            row.set_value(*column, value).map_err(|error| ColumnError { column: *column, error })?;
        }
        self.rebase(slot, row)
    }

    pub(super) fn find_with_row(&self, cells: &dyn Cells, first: usize) -> Result<Option<u32>, ColumnError> {
        if matches!(cells.raw(first + self.key_cell), Raw::Null) {
            return Ok(None);
        }
        let slot = self.find_key(&E::decode_key(cells, first)?);
        Ok(slot.filter(|slot| slot.has_row()).map(Slot::index))
    }

    pub(super) fn confirm_row(
        &self,
        slot: u32,
        version: usize,
        returned: &[(usize, Value)],
    ) -> Result<(), ColumnError> {
        if let Some(extra) = self.slot(slot).extra_if_any() {
            extra.confirm(version);
        }
        self.slot(slot).mark(Mark::Locked);
        if returned.is_empty() { Ok(()) } else { self.absorb_returned(slot, returned) }
    }

    pub(super) fn seat_inserted(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError> {
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

    pub(super) fn unseat_deleted(&self, slot: u32) {
        let slot = self.slot(slot);
        if !slot.is(Mark::Deleted) {
            self.expect(slot.index(), Event::RowDeleted);
        }
        self.unregister(slot);
        slot.unmark(Mark::DeletePending);
        slot.mark(Mark::Deleted);
    }

    /// Of a row that someone else may have written: deferred columns that it does not bring stay as they are shown. The version stays
    /// with the row that was seen, where the program changed that, or is shown more of it than came: what is written next was made
    /// of what it saw.
    fn keep_seen(&self, slot: &Slot<E>, row: &mut E) -> Result<(), ColumnError> {
        let Some(base) = slot.base() else { return Ok(()) };
        let set = |row: &mut E, column: usize, value: &Value| {
            row.set_value(column, value).map_err(|error| ColumnError { column, error })
        };
        let mut stays = self.has_unflushed(slot);
        for (column, _) in E::DEF.columns.iter().enumerate().filter(|(_, definition)| definition.deferred) {
            if let (None, Some(value)) = (row.value(column), base.value(column)) {
                set(row, column, &value)?;
                stays = true;
            }
        }
        match version_column::<E>().filter(|_| stays) {
            Some(version) => base.value(version).map_or(Ok(()), |seen| set(row, version, &seen)),
            None => Ok(()),
        }
    }

    /// Whether the next flush writes or deletes the row.
    pub(in crate::state) fn has_unflushed(&self, slot: &Slot<E>) -> bool {
        slot.is_modified() || slot.is(Mark::DeletePending) || slot.is(Mark::Relinked)
    }

    /// Whether the row that the database is known to have has these values.
    pub(super) fn has_values(&self, slot: &Slot<E>, values: &[(usize, Value)]) -> bool {
        let Some(base) = slot.base() else { return false };
        let mut row = base.duplicate();
        values.iter().all(|(column, value)| row.set_value(*column, value).is_ok() && row.same(base, *column))
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

    /// The object with this key, made with no row where there is none.
    pub(super) fn reserve_key(&self, key: E::Key) -> u32 {
        let entered: Result<Entered, Infallible> = self.find_or_enter(key, 0, || Ok(None));
        match entered {
            Ok(Entered::New(at) | Entered::Known(at)) => at,
        }
    }
}

/// The column that counts the versions of a row.
pub(in crate::state) fn version_column<E: Entity>() -> Option<usize> {
    E::DEF.columns.iter().position(|column| column.version)
}

/// Those of the deferred columns that a row brings which are wanted.
fn deferred_values<E: Entity>(
    cells: &dyn Cells,
    brought: Brought<'_>,
    is_wanted: impl Fn(usize) -> bool,
) -> Result<Vec<(usize, Value)>, ColumnError> {
    let columns = brought.columns.iter().enumerate().filter(|(_, column)| is_wanted(**column));
    let value = |(at, column): (usize, &usize)| match E::decode_value(*column, cells.raw(brought.first + at)) {
        Ok(value) => Ok((*column, value)),
        Err(error) => Err(ColumnError { column: *column, error }),
    };
    columns.map(value).collect()
}
