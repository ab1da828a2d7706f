//! The identity map: every object of a session, one for each key, and what is to be flushed of them.

mod attach;
mod bulk;
mod expire;
mod merge;
mod promise;
mod relate;
mod replace;
mod savepoint;
mod scope;
mod seen;
mod unflushed;
mod withdraw;
mod work;

use std::sync::{
    Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use elsa::sync::FrozenVec;

use crate::{
    collections::{HashSet, IndexMap},
    entity::Entity,
    error::StateCause,
    schema::EntityDef,
    state::{AnyStore, Mark, Status, Store},
    value::Value,
};

pub(crate) use attach::{AnyMember, AnyTransient, Token};
pub use merge::Sources;
pub(crate) use merge::{Extent, Origin, Related};
pub(crate) use relate::{inverse_of, key_columns, one_to_one_keys, referenced_columns};
pub(crate) use savepoint::SavepointMark;
pub(crate) use scope::{Scope, Scopes};
pub(crate) use work::{Follow, Former, Newest, Pair, PairChange, TakenAway, Work};

/// One object of a session, whatever its entity: the number of its store and its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ObjectRef {
    pub(crate) entity: u32,
    pub(crate) slot: u32,
}

/// Everything a session holds in memory. Strong: an object stays until the session lets go of it
/// (SQLAlchemy's map is weak).
pub(crate) struct IdentityMap {
    /// Differs between sessions, and before and after a clear: what tokens are checked against.
    id: AtomicU64,
    stores: boxcar::Vec<OnceLock<Box<dyn AnyStore>>>,
    work: Mutex<Work>,
    scopes: FrozenVec<Box<Scope>>,
    /// Counts relationship writes, so that a loader can tell whether any came between.
    writes: AtomicU64,
    /// The moment: in the upper half it counts transactions (what was read in an earlier one is past), in the lower half the
    /// savepoints of this one.
    epoch: AtomicU64,
    /// What expired everything last.
    expired_by: StateCause,
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl IdentityMap {
    pub(crate) fn new() -> Self {
        Self {
            id: AtomicU64::new(next_id()),
            stores: boxcar::Vec::new(),
            work: Mutex::default(),
            scopes: FrozenVec::new(),
            writes: AtomicU64::new(0),
            epoch: AtomicU64::new(1 << 32),
            expired_by: StateCause::Explicit,
        }
    }

    pub(crate) fn id(&self) -> u64 {
        self.id.load(Ordering::Relaxed)
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    pub(crate) fn writes(&self) -> u64 {
        self.writes.load(Ordering::Acquire)
    }

    pub(crate) fn note_write(&self) {
        self.writes.fetch_add(1, Ordering::AcqRel);
    }

    /// A new transaction begins: what is known so far is past.
    pub(crate) fn next_epoch(&self) {
        let _ = self.epoch.fetch_update(Ordering::AcqRel, Ordering::Acquire, |epoch| Some(((epoch >> 32) + 1) << 32));
    }

    /// The objects of an entity that is known by its definition.
    pub(crate) fn store_of(&self, def: &'static EntityDef) -> &dyn AnyStore {
        let index = def.index.get();
        while self.stores.count() <= index {
            self.stores.push(OnceLock::new());
        }
        let Some(cell) = self.stores.get(index) else {
            unreachable!("orm bug: no place for the store of {}", def.name)
        };
        &**cell.get_or_init(|| match (def.new_store)().downcast::<Box<dyn AnyStore>>() {
            Ok(store) => *store,
            Err(_) => unreachable!("orm bug: `EntityDef::new_store` of {} made something else", def.name),
        })
    }

    /// The objects of an entity that is known by its type.
    pub(crate) fn store<E: Entity>(&self) -> &Store<E> {
        match self.store_of(E::DEF).as_any().downcast_ref() {
            Some(store) => store,
            None => unreachable!("orm bug: the store of {} holds another entity", E::DEF.name),
        }
    }

    /// The objects of the entity that this one belongs to.
    pub(crate) fn store_at(&self, object: ObjectRef) -> &dyn AnyStore {
        match self.stores.get(object.entity as usize).and_then(OnceLock::get) {
            Some(store) => &**store,
            None => unreachable!("orm bug: an object of an entity that this session has never seen"),
        }
    }

    pub(crate) fn object(def: &'static EntityDef, slot: u32) -> ObjectRef {
        ObjectRef { entity: def.index.get() as u32, slot }
    }

    pub(crate) fn stores(&self) -> impl Iterator<Item = &dyn AnyStore> {
        self.stores.iter().filter_map(|(_, cell)| cell.get().map(|store| &**store))
    }

    /// The lists of what is to be flushed. Everything that changes objects holds this lock, so that a change is one step.
    pub(crate) fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the lists of a query's filtered hints for as long as handles may read them.
    pub(crate) fn keep_scope(&self, scope: Scope) -> &Scope {
        self.scopes.push_get(Box::new(scope))
    }

    /// What expired the objects that are expired.
    pub(crate) fn expired_by(&self) -> StateCause {
        self.expired_by
    }

    /// Expires every object; the keys stay.
    pub(crate) fn expire_all(&mut self, cause: StateCause) {
        self.expired_by = cause;
        self.each_store(|store| store.expire_all());
        self.end_transaction();
    }

    /// After a rollback: pending objects go, what this transaction made is undone, the rest is expired.
    pub(crate) fn roll_back(&mut self) {
        self.expired_by = StateCause::Rollback;
        self.each_store(|store| store.roll_back());
        self.end_transaction();
    }

    /// Takes back objects that were added just now; objects of the session that were to become their children stay where they were.
    pub(crate) fn discard(&self, added: &[ObjectRef]) {
        let mut work = self.work();
        let gone: HashSet<ObjectRef> = added.iter().copied().collect();
        for object in added {
            self.store_at(*object).set_mark(object.slot, Mark::Discarded);
            work.follows.remove(object);
            work.taken_away.swap_remove(object);
        }
        work.one_to_one.retain(|(parent, _), newest| !gone.contains(parent) && !gone.contains(&newest.child));
        work.pending.retain(|object| !gone.contains(object));
        work.pairs.retain(|pair, _| !gone.contains(&pair.owner) && !gone.contains(&pair.target));
        let mut left = Vec::new();
        for (child, follows) in &mut work.follows {
            let lost = follows.extract_if(.., |follow| gone.contains(&follow.parent));
            left.extend(lost.map(|follow| (*child, follow)));
        }
        for (child, follow) in left {
            self.stay_with_parent(&work, child, &follow);
        }
        for object in added {
            for (child, parent, relation) in work.replaced.remove(object).unwrap_or_default() {
                if !gone.contains(&child) && !gone.contains(&parent) {
                    // It was there before, and nothing that was promised is less for it.
                    drop(self.connect_in(&mut work, parent, relation, child));
                }
            }
        }
    }

    /// A rollback before any transaction began: pending objects and unflushed changes go, what was read stays.
    pub(crate) fn discard_unflushed(&mut self) {
        self.each_store(|store| store.discard_unflushed());
        self.end_transaction();
    }

    /// What would be lost if the session ended now: `2 new User, 1 changed Post`. Empty when nothing would.
    pub(crate) fn describe_unflushed(&self) -> String {
        let work = self.work();
        let mut counts: IndexMap<(&str, &str), usize> = IndexMap::default();
        let mut count =
            |what, object: &ObjectRef| *counts.entry((what, self.store_at(*object).def().name)).or_default() += 1;
        work.coming().for_each(|object| count("new", &object));
        work.touched
            .iter()
            .filter(|object| self.store_at(**object).changes(object.slot).is_some())
            .for_each(|object| count("changed", object));
        let has_row = |object: &ObjectRef| self.store_at(*object).status(object.slot) != Status::Pending;
        work.going().filter(has_row).for_each(|object| count("deleted", &object));
        let counts: Vec<String> =
            counts.iter().map(|((what, entity), count)| format!("{count} {what} {entity}")).collect();
        counts.join(", ")
    }

    /// The database has no row with this key: an expired object that had it is deleted, and the key is free for a new one.
    pub(crate) fn note_gone(&self, def: &'static EntityDef, key: &[Value]) {
        let work = self.work();
        // A link that is to be written is for the database to refuse.
        let is_linked = |object| work.pairs.keys().any(|pair| pair.owner == object || pair.target == object);
        let store = self.store_of(def);
        if let Ok(Some(slot)) = store.find(key)
            && store.status(slot) == Status::Expired
            && !is_linked(Self::object(def, slot))
        {
            store.publish_deleted(slot);
            store.note_altered(slot, self.epoch());
        }
    }

    /// The first object that a flush would write, and its key.
    pub(crate) fn first_unflushed(&self) -> Option<(&'static str, String)> {
        let work = self.work();
        let is_changed = |object: &&ObjectRef| {
            let store = self.store_at(**object);
            store.changes(object.slot).is_some() || !store.draft_columns(object.slot).is_empty()
        };
        let pairs = work.pairs.keys().map(|pair| pair.owner);
        let touched = work.touched.iter().filter(is_changed).copied();
        let has_row = |object: &ObjectRef| self.store_at(*object).status(object.slot) != Status::Pending;
        let going = work.going().filter(has_row);
        let object = work.coming().chain(touched).chain(going).chain(pairs).next()?;
        let store = self.store_at(object);
        Some((store.def().name, store.print_key(object.slot)))
    }

    /// After a commit that keeps values for the next transaction.
    pub(crate) fn settle(&mut self) {
        self.each_store(|store| store.settle());
        self.end_transaction();
    }

    /// After a commit that keeps values while handles live.
    pub(crate) fn settle_shared(&self) {
        for store in self.stores() {
            store.settle_shared();
        }
        self.next_epoch();
    }

    /// Lets go of everything; tokens of what was here are no longer valid.
    pub(crate) fn clear(&mut self) {
        self.stores.clear();
        self.id = AtomicU64::new(next_id());
        self.end_transaction();
    }

    fn end_transaction(&mut self) {
        self.scopes = FrozenVec::new();
        *self.work.get_mut().unwrap_or_else(PoisonError::into_inner) = Work::default();
        self.next_epoch();
    }

    fn work_mut(&mut self) -> &mut Work {
        self.work.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn store_mut(&mut self, entity: u32) -> &mut dyn AnyStore {
        match self.stores.get_mut(entity as usize).and_then(OnceLock::get_mut) {
            Some(store) => &mut **store,
            None => unreachable!("orm bug: an object of an entity that this session has never seen"),
        }
    }

    fn each_store(&mut self, mut act: impl FnMut(&mut dyn AnyStore)) {
        for index in 0..self.stores.count() {
            if let Some(store) = self.stores.get_mut(index).and_then(OnceLock::get_mut) {
                act(&mut **store);
            }
        }
    }
}
