//! What an object has beyond its row: newer versions of the row, its draft while it is pending, its relationships.

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use elsa::sync::FrozenVec;

use super::Link;
use crate::{
    entity::{Draft, Entity},
    value::Value,
};

/// Made for an object at its first change or loaded relationship; an object that is only read has none.
pub(crate) struct Extra<E: Entity> {
    /// Of an object that came without one.
    key: OnceLock<E::Key>,
    /// Later rows, oldest first. Nothing is taken out under a shared borrow: someone may be reading it.
    #[expect(
        clippy::redundant_allocation,
        reason = "an append-only list gives out what its elements point to: the `Arc`s"
    )]
    versions: FrozenVec<Box<Arc<E>>>,
    /// The database agrees with `versions[base - 1]`; with the slot's own row when it is 0.
    base: AtomicUsize,
    drafts: FrozenVec<Box<E::Draft>>,
    /// The database, or the row, has what the first so many drafts say.
    settled_drafts: AtomicUsize,
    links: OnceLock<Box<[Link]>>,
    /// The last moment at which something changed beside the row being read.
    altered: AtomicU64,
    /// Of an object whose row is expired, the columns that are not.
    known: Mutex<Option<Box<E::Draft>>>,
}

impl<E: Entity> Default for Extra<E> {
    fn default() -> Self {
        Self {
            key: OnceLock::new(),
            versions: FrozenVec::new(),
            base: AtomicUsize::new(0),
            drafts: FrozenVec::new(),
            settled_drafts: AtomicUsize::new(0),
            links: OnceLock::new(),
            altered: AtomicU64::new(0),
            known: Mutex::default(),
        }
    }
}

impl<E: Entity> Extra<E> {
    pub(super) fn key(&self) -> Option<&E::Key> {
        self.key.get()
    }

    pub(super) fn set_key(&self, key: E::Key) {
        let _ = self.key.set(key);
    }

    pub(super) fn into_key(self) -> Option<E::Key> {
        self.key.into_inner()
    }

    pub(super) fn latest(&self) -> Option<&Arc<E>> {
        self.versions.get(self.versions.len().checked_sub(1)?)
    }

    pub(super) fn base(&self) -> Option<&Arc<E>> {
        self.versions.get(self.base.load(Ordering::Acquire).checked_sub(1)?)
    }

    /// Appends a row that the database does not have yet.
    pub(super) fn write(&self, row: Arc<E>) {
        self.versions.push(Box::new(row));
    }

    /// Appends a row that the database has.
    pub(super) fn publish(&self, row: Arc<E>) {
        let at = self.versions.push_get_index(Box::new(row));
        self.base.store(at + 1, Ordering::Release);
    }

    /// How many versions there are: what a flush remembers of the row that it sends.
    pub(super) fn version(&self) -> usize {
        self.versions.len()
    }

    /// The database agrees with the row that was the latest at `version`.
    pub(super) fn confirm(&self, version: usize) {
        self.base.fetch_max(version, Ordering::AcqRel);
    }

    pub(crate) fn draft(&self) -> Option<&E::Draft> {
        let last = self.drafts.len().checked_sub(1)?;
        if last < self.settled_drafts.load(Ordering::Acquire) { None } else { self.drafts.get(last) }
    }

    /// How many drafts there were: what a flush remembers of the draft that it sends.
    pub(super) fn draft_version(&self) -> usize {
        self.drafts.len()
    }

    /// What the draft said at this version is in the database, or in the row: it says nothing of its own any more.
    pub(super) fn settle_draft(&self, version: usize) {
        self.settled_drafts.fetch_max(version, Ordering::AcqRel);
    }

    /// The database has what the draft said at this version, and these values: known now, where anything is.
    pub(super) fn confirm_draft(&self, version: usize, returned: &[(usize, Value)]) {
        if let Some(known) = &mut *self.lock_known() {
            if let Some(draft) = version.checked_sub(1).and_then(|at| self.drafts.get(at)) {
                for column in 0..E::DEF.columns.len() {
                    if let Some(value) = draft.value(column) {
                        let _ = known.set_value(column, &value);
                    }
                }
            }
            for (column, value) in returned {
                let _ = known.set_value(*column, value);
            }
        }
        self.settle_draft(version);
    }

    pub(super) fn alter(&self, epoch: u64) {
        self.altered.fetch_max(epoch, Ordering::AcqRel);
    }

    pub(super) fn altered(&self) -> u64 {
        self.altered.load(Ordering::Acquire)
    }

    pub(super) fn known(&self) -> Option<E::Draft> {
        self.lock_known().as_deref().cloned()
    }

    pub(super) fn known_value(&self, column: usize) -> Option<Value> {
        self.lock_known().as_ref()?.value(column)
    }

    pub(super) fn set_known(&self, known: Box<E::Draft>) {
        *self.lock_known() = Some(known);
    }

    fn lock_known(&self) -> MutexGuard<'_, Option<Box<E::Draft>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push_draft(&self, draft: Box<E::Draft>) {
        self.drafts.push(draft);
    }

    pub(crate) fn link(&self, relation: usize) -> &Link {
        &self.links()[relation]
    }

    pub(crate) fn links(&self) -> &[Link] {
        self.links.get_or_init(|| E::DEF.relations.iter().map(|_| Link::default()).collect())
    }

    pub(crate) fn links_if_any(&self) -> Option<&[Link]> {
        self.links.get().map(|links| &**links)
    }

    /// Keeps the relationships only: the caller keeps the newest row.
    pub(super) fn settle(&mut self) {
        let known = std::mem::take(&mut self.known);
        self.forget_rows();
        self.known = known;
        for link in self.links.get_mut().into_iter().flatten() {
            link.forget_promise();
        }
    }

    /// Forgets versions, drafts and known columns.
    pub(super) fn forget_rows(&mut self) {
        self.versions = FrozenVec::new();
        self.drafts = FrozenVec::new();
        self.base = AtomicUsize::new(0);
        self.settled_drafts = AtomicUsize::new(0);
        self.known = Mutex::default();
    }

    /// Forgets the other side of every relationship. What was promised about the members stays: too much is asked for then,
    /// never too little.
    pub(super) fn unload_links(&mut self) {
        for link in self.links.get_mut().into_iter().flatten() {
            link.unload();
        }
    }

    pub(super) fn links_mut(&mut self) -> Option<&mut [Link]> {
        self.links.get_mut().map(|links| &mut **links)
    }
}
