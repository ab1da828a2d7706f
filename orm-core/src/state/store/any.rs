//! A [`Store`] whose entity is known by its definition only.

use std::{any::Any, sync::Arc};

use super::Store;
use crate::{
    entity::{Entity, KeyType},
    error::StateCause,
    schema::EntityDef,
    state::{Absorb, AnyStore, Brought, Event, Expire, Extra, Link, Mark, RowChanges, Slot, Status, same_transaction},
    value::{Cells, ColumnError, DecodeError, Raw, Value},
};

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

    fn absorb_with(
        &self,
        cells: &dyn Cells,
        first: usize,
        brought: Brought<'_>,
        how: Absorb,
        epoch: u64,
    ) -> Result<Option<u32>, ColumnError> {
        self.absorb_row(cells, first, brought, how, epoch)
    }

    fn absorb_columns(&self, slot: u32, values: &[(usize, Value)]) -> Result<(), ColumnError> {
        self.absorb_returned(slot, values)
    }

    fn decode_value(&self, column: usize, raw: Raw<'_>) -> Result<Value, DecodeError> {
        E::decode_value(column, raw)
    }

    fn find(&self, key: &[Value]) -> Result<Option<u32>, DecodeError> {
        Ok(self.find_key(&E::Key::from_values(key)?).map(Slot::index))
    }

    fn reserve(&self, key: &[Value]) -> Result<u32, DecodeError> {
        Ok(self.reserve_key(E::Key::from_values(key)?))
    }

    fn key(&self, slot: u32) -> Option<Vec<Value>> {
        self.key_values(slot)
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
        self.current_value(slot, column)
    }

    fn base_value(&self, slot: u32, column: usize) -> Option<Value> {
        self.value_in_database(slot, column)
    }

    fn set_value(&self, slot: u32, column: usize, value: &Value) -> Result<(), DecodeError> {
        self.write_value(slot, column, value)
    }

    fn is_column_loaded(&self, slot: u32, column: usize) -> bool {
        self.slot(slot).current().is_some_and(|row| row.value(column).is_some())
    }

    fn link(&self, slot: u32, relation: usize) -> &Link {
        let slot = self.slot(slot);
        self.wake(slot);
        slot.extra().link(relation)
    }

    fn links(&self, slot: u32) -> Option<&[Link]> {
        self.slot(slot).extra_if_any()?.links_if_any()
    }

    fn has_mark(&self, slot: u32, mark: Mark) -> bool {
        self.slot(slot).is(mark)
    }

    fn set_mark(&self, slot: u32, mark: Mark) {
        let slot = self.slot(slot);
        self.wake(slot);
        slot.mark(mark);
    }

    fn clear_mark(&self, slot: u32, mark: Mark) {
        self.slot(slot).unmark(mark);
    }

    fn changes(&self, slot: u32) -> Option<RowChanges> {
        self.row_changes(slot)
    }

    fn draft_version(&self, slot: u32) -> usize {
        self.slot(slot).extra_if_any().map_or(0, Extra::draft_version)
    }

    fn draft_columns(&self, slot: u32) -> Vec<usize> {
        self.columns_of_draft(slot)
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
        self.find_with_row(cells, first)
    }

    fn overwrite(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError> {
        self.overwrite_columns(self.slot(slot), values, epoch)
    }

    fn agrees(&self, slot: u32, values: &[(usize, Value)]) -> bool {
        self.has_values(self.slot(slot), values)
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
        let slot = self.slot(slot);
        self.wake(slot);
        slot.alter(epoch);
    }

    fn roll_back_to(&mut self, count: u32, epoch: u64, cause: StateCause) {
        self.back_to(count, epoch, cause);
    }

    fn expire_held(&mut self, cause: StateCause) {
        self.forget_all(cause);
    }

    fn confirm(&self, slot: u32, version: usize, returned: &[(usize, Value)]) -> Result<(), ColumnError> {
        self.confirm_row(slot, version, returned)
    }

    fn publish_inserted(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError> {
        self.seat_inserted(slot, values, epoch)
    }

    fn publish_deleted(&self, slot: u32) {
        self.unseat_deleted(slot)
    }

    fn expire_all(&mut self) {
        self.expire_each()
    }

    fn roll_back(&mut self) {
        self.roll_each_back()
    }

    fn discard_unflushed(&mut self) {
        self.revert_each()
    }

    fn settle(&mut self) {
        self.settle_each()
    }

    fn settle_shared(&self) {
        self.unmark_each()
    }

    fn has_deleted(&self, key: &[Value]) -> bool {
        E::Key::from_values(key).is_ok_and(|key| self.find_key(&key).is_none() && self.deleted_with_key(&key))
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
}
