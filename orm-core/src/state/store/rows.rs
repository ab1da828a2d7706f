//! Rows that come in: those of queries, and what a flush brought back.

use std::{convert::Infallible, sync::Arc};

use super::{Store, index::Entered};
use crate::{
    entity::{Draft, Entity},
    state::{Absorb, Event, Mark, Slot, same_transaction},
    value::{Cells, ColumnError, DecodeError, Raw, Value},
};

impl<E: Entity> Store<E> {
    pub(super) fn absorb_row(
        &self,
        cells: &dyn Cells,
        first: usize,
        how: Absorb,
        epoch: u64,
    ) -> Result<Option<u32>, ColumnError> {
        let key = match E::decode_key(cells, first) {
            Ok(key) => key,
            Err(_) if matches!(cells.raw(first + self.key_cell), Raw::Null) => return Ok(None),
            Err(error) => return Err(error),
        };
        let new_row = || E::decode(cells, first).map(|row| Some(Arc::new(row)));
        let slot = match self.find_or_enter(key, epoch, new_row)? {
            Entered::New(at) => return Ok(Some(at)),
            Entered::Known(at) => self.slot(at),
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
