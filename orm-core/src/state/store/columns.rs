//! Single columns of one object, and what of them is unflushed.

use std::sync::Arc;

use super::Store;
use crate::{
    entity::{Draft, Entity, KeyType},
    state::{RowChanges, Slot},
    value::{DecodeError, Value, is_null},
};

impl<E: Entity> Store<E> {
    pub(super) fn key_values(&self, slot: u32) -> Option<Vec<Value>> {
        let slot = self.slot(slot);
        match slot.key() {
            Some(key) => Some(key.to_values()),
            None => {
                let draft = slot.extra_if_any()?.draft()?;
                E::DEF.primary_key.iter().map(|column| draft.value(*column).filter(|value| !is_null(value))).collect()
            }
        }
    }

    pub(super) fn current_value(&self, slot: u32, column: usize) -> Option<Value> {
        let slot = self.slot(slot);
        match slot.current() {
            Some(row) => row.value(column),
            None => {
                let extra = slot.extra_if_any()?;
                extra.draft().and_then(|draft| draft.value(column)).or_else(|| extra.known_value(column))
            }
        }
    }

    pub(super) fn value_in_database(&self, slot: u32, column: usize) -> Option<Value> {
        let slot = self.slot(slot);
        match slot.base() {
            Some(row) => row.value(column),
            None => slot.extra_if_any()?.known_value(column),
        }
    }

    pub(super) fn write_value(&self, slot: u32, column: usize, value: &Value) -> Result<(), DecodeError> {
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
                self.wake(slot);
                let mut draft = slot.extra().draft().cloned().unwrap_or_default();
                draft.set_value(column, value)?;
                slot.extra().push_draft(Box::new(draft));
                Ok(())
            }
        }
    }

    pub(super) fn row_changes(&self, slot: u32) -> Option<RowChanges> {
        let slot = self.slot(slot);
        let version = slot.extra_if_any()?.version();
        let columns = self.changed_columns(slot);
        (!columns.is_empty()).then_some(RowChanges { version, columns })
    }

    pub(super) fn columns_of_draft(&self, slot: u32) -> Vec<usize> {
        let draft = self.slot(slot).extra_if_any().and_then(|extra| extra.draft());
        draft.map_or_else(Vec::new, |draft| {
            (0..E::DEF.columns.len()).filter(|column| draft.value(*column).is_some()).collect()
        })
    }

    /// The columns in which the row as it is now differs from the database's.
    pub(in crate::state) fn changed_columns(&self, slot: &Slot<E>) -> Vec<usize> {
        match (slot.current(), slot.base()) {
            (Some(current), Some(base)) if !Arc::ptr_eq(current, base) => {
                (0..E::DEF.columns.len()).filter(|column| !current.same(base, *column)).collect()
            }
            _ => Vec::new(),
        }
    }
}
