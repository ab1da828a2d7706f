//! What comes in from outside of the session at once: columns that are merged, new objects, rows that are attached.

use std::{any::Any, sync::Arc};

use super::{Store, index::Entered};
use crate::{
    entity::{Draft, Entity},
    state::{Absorb, AnyStore, Slot},
    value::{ColumnError, DecodeError, Value},
};

impl<E: Entity> Store<E> {
    /// Columns as a program would set them: one new version of the row, or of the draft.
    pub(super) fn write_columns(&self, slot: &Slot<E>, values: &[(usize, Value)]) -> Result<(), ColumnError> {
        let named = |column: usize| move |error| ColumnError { column, error };
        match slot.current() {
            Some(current) => {
                let mut row = current.duplicate();
                for (column, value) in values {
                    row.set_value(*column, value).map_err(named(*column))?;
                }
                if values.iter().any(|(column, _)| !row.same(current, *column)) {
                    slot.write(Arc::new(row));
                }
            }
            None => {
                self.wake(slot);
                let mut draft = slot.extra().draft().cloned().unwrap_or_default();
                for (column, value) in values {
                    draft.set_value(*column, value).map_err(named(*column))?;
                }
                slot.extra().push_draft(Box::new(draft));
            }
        }
        Ok(())
    }

    /// A pending object with these columns, and defaults for the others.
    pub(super) fn add_pending_of(&self, values: &[(usize, Value)]) -> Result<&Slot<E>, ColumnError> {
        let mut draft = Box::<E::Draft>::default();
        for (column, value) in values {
            draft.set_value(*column, value).map_err(|error| ColumnError { column: *column, error })?;
        }
        draft.apply_defaults();
        Ok(self.add_pending(draft))
    }

    /// A row that a program vouches for. What the session knows of the object already stays.
    pub(super) fn adopt_row(&self, row: &Arc<dyn Any + Send + Sync>, epoch: u64) -> Result<Option<u32>, ColumnError> {
        let Ok(row) = Arc::clone(row).downcast::<E>() else {
            let error = DecodeError::new("a row of another entity");
            return Err(ColumnError { column: 0, error });
        };
        let key = row.key();
        if self.find_key(&key).is_none() && self.deleted_with_key(&key) {
            return Ok(None);
        }
        let entered: Result<Entered, ColumnError> = self.find_or_enter(key, epoch, || Ok(Some(Arc::clone(&row))));
        let slot = match entered? {
            Entered::New(at) => return Ok(Some(at)),
            Entered::Known(at) => self.slot(at),
        };
        if !slot.has_row() {
            self.fill_expired(slot, row.duplicate(), Absorb::Fill, epoch)?;
            return Ok(Some(slot.index()));
        }
        let deferred =
            |column: &usize| E::DEF.columns[*column].deferred && !self.is_column_loaded(slot.index(), *column);
        let lacking: Vec<(usize, Value)> = (0..E::DEF.columns.len())
            .filter(deferred)
            .filter_map(|column| Some((column, row.value(column)?)))
            .collect();
        if !lacking.is_empty() {
            self.absorb_columns(slot.index(), &lacking)?;
        }
        Ok(Some(slot.index()))
    }
}
