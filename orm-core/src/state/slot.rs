//! One object of a session: its key, its row, and, once something happened to it, its [`Extra`].

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
};

use once_cell::sync::OnceCell;

use super::Extra;
use crate::{entity::Entity, error::StateCause};

/// One object. Its place in the session never moves; under a shared borrow its state only grows.
pub(crate) struct Slot<E: Entity> {
    /// Of an object that came without one the key is in its [`Extra`].
    key: Option<E::Key>,
    /// Cells of this crate are made with their value for nothing; the standard library's cost an atomic step or two.
    row: OnceCell<Arc<E>>,
    extra: OnceLock<Box<Extra<E>>>,
    index: u32,
    /// The transaction in which the row was read or last confirmed.
    epoch: AtomicU64,
    marks: AtomicU8,
    /// It is among those that its store has to look at when the transaction ends.
    awake: AtomicBool,
    /// What expired it, where that was not the end of a transaction.
    expired_by: Option<StateCause>,
}

/// What happened to an object in this transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// `delete` was called; the next flush sends it.
    DeletePending = 1,
    /// A flush deleted the row.
    Deleted = 2,
    /// A flush of this transaction inserted the row.
    New = 4,
    /// Added, and taken out again before a flush.
    Discarded = 8,
    /// Its deletion was committed: no rollback brings it back.
    Gone = 16,
    /// This transaction holds the lock of its row: it read it under one, or wrote it. Nobody else changes the row meanwhile.
    Locked = 32,
    /// It was given to a parent that has no key yet, or taken away from one: a change that its row does not show.
    Relinked = 64,
}

impl<E: Entity> Slot<E> {
    /// An object that has no key yet.
    pub(super) fn pending(index: u32) -> Self {
        Self::new(index, None, OnceCell::new(), 0)
    }

    /// An object of the database, with its row if that was read, at `epoch`.
    pub(super) fn keyed(index: u32, key: E::Key, row: Option<Arc<E>>, epoch: u64) -> Self {
        Self::new(index, Some(key), row.map_or_else(OnceCell::new, OnceCell::with_value), epoch)
    }

    fn new(index: u32, key: Option<E::Key>, row: OnceCell<Arc<E>>, epoch: u64) -> Self {
        Self {
            key,
            row,
            extra: OnceLock::new(),
            index,
            epoch: AtomicU64::new(epoch),
            marks: AtomicU8::new(0),
            awake: AtomicBool::new(false),
            expired_by: None,
        }
    }

    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    pub(crate) fn key(&self) -> Option<&E::Key> {
        match &self.key {
            Some(key) => Some(key),
            None => self.extra.get()?.key(),
        }
    }

    /// A pending object has its row.
    pub(super) fn set_key(&self, key: E::Key) {
        self.extra().set_key(key);
    }

    /// The row as it is now, with unflushed changes; none while pending or expired.
    #[inline]
    pub(crate) fn current(&self) -> Option<&Arc<E>> {
        match self.extra.get() {
            None => self.row.get(),
            Some(extra) => extra.latest().or_else(|| self.row.get()),
        }
    }

    /// The row as the database has it, as far as this session knows.
    pub(crate) fn base(&self) -> Option<&Arc<E>> {
        match self.extra.get().and_then(|extra| extra.base()) {
            Some(row) => Some(row),
            None => self.row.get(),
        }
    }

    /// Takes in a row that agrees with the database.
    pub(super) fn publish(&self, row: Arc<E>) {
        if let Err(row) = self.row.set(row) {
            self.extra().publish(row);
        }
    }

    /// Appends a version that the database does not have yet.
    pub(super) fn write(&self, row: Arc<E>) {
        self.extra().write(row);
    }

    /// Whether the row differs from the database's.
    pub(crate) fn is_modified(&self) -> bool {
        match (self.current(), self.base()) {
            (Some(current), Some(base)) if !Arc::ptr_eq(current, base) => {
                (0..E::DEF.columns.len()).any(|column| !current.same(base, column))
            }
            _ => false,
        }
    }

    pub(crate) fn has_row(&self) -> bool {
        self.row.get().is_some()
    }

    pub(crate) fn extra_if_any(&self) -> Option<&Extra<E>> {
        self.extra.get().map(|extra| &**extra)
    }

    pub(crate) fn extra(&self) -> &Extra<E> {
        self.extra.get_or_init(Box::default)
    }

    pub(crate) fn is(&self, mark: Mark) -> bool {
        self.marks.load(Ordering::Acquire) & mark as u8 != 0
    }

    pub(super) fn mark(&self, mark: Mark) {
        self.marks.fetch_or(mark as u8, Ordering::AcqRel);
    }

    pub(super) fn unmark(&self, mark: Mark) {
        self.marks.fetch_and(!(mark as u8), Ordering::AcqRel);
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    pub(super) fn set_epoch(&self, epoch: u64) {
        self.epoch.store(epoch, Ordering::Release);
    }

    /// Whether it was asleep.
    pub(super) fn wake(&self) -> bool {
        !self.awake.swap(true, Ordering::AcqRel)
    }

    pub(super) fn fall_asleep(&mut self) {
        *self.awake.get_mut() = false;
    }

    pub(super) fn take_row(&mut self) {
        self.row.take();
    }

    pub(super) fn extra_mut(&mut self) -> Option<&mut Extra<E>> {
        self.extra.get_mut().map(|extra| &mut **extra)
    }

    /// What expired it, where that was not the end of a transaction.
    pub(super) fn expired_by(&self) -> Option<StateCause> {
        self.expired_by
    }

    pub(super) fn set_expired_by(&mut self, cause: StateCause) {
        self.expired_by = Some(cause);
    }

    /// Forgets everything but the key.
    pub(super) fn expire(&mut self) {
        self.row.take();
        if let Some(key) = self.extra.take().and_then(|extra| extra.into_key()) {
            self.key = Some(key);
        }
        self.expired_by = None;
        *self.marks.get_mut() = 0;
    }

    /// Forgets everything, the key too.
    pub(super) fn clear(&mut self) {
        self.expire();
        self.key.take();
        self.mark(Mark::Discarded);
    }

    /// Goes back to the row that the database has, and forgets relationships: they may list what is gone.
    pub(super) fn revert(&mut self) {
        let base = self.base().cloned();
        self.expire();
        if let Some(base) = base {
            let _ = self.row.set(base);
        }
    }

    /// Keeps the newest row and the relationships, lets go of what is older.
    pub(super) fn settle(&mut self) {
        let newest = self.current().cloned();
        if let Some(extra) = self.extra.get_mut() {
            extra.settle();
            if let Some(newest) = newest {
                self.row.take();
                let _ = self.row.set(newest);
            }
        }
        *self.marks.get_mut() = 0;
    }
}
