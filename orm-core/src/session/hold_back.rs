//! Changes that a flush leaves out: of objects whose rows are about to be read anew.

use crate::{
    identity::{IdentityMap, ObjectRef},
    schema::EntityDef,
    state::{Mark, Status},
};

/// Keeps changes of objects that are read anew out of a flush, until it is dropped.
pub(super) struct HoldBack<'m> {
    map: &'m IdentityMap,
    objects: Vec<ObjectRef>,
}

impl<'m> HoldBack<'m> {
    /// These columns of these objects are not written.
    pub(super) fn new(map: &'m IdentityMap, objects: Vec<ObjectRef>, columns: &[usize]) -> Self {
        let mut work = map.work();
        for object in &objects {
            work.held_back.insert(*object, columns.to_vec());
        }
        Self { map, objects }
    }
}

impl Drop for HoldBack<'_> {
    fn drop(&mut self) {
        let mut work = self.map.work();
        for object in &self.objects {
            work.held_back.remove(object);
        }
    }
}

impl<'m> HoldBack<'m> {
    /// Before rows are locked: what was changed of objects whose rows others may have changed since. What this transaction has locked
    /// or written is as it was seen, and is flushed.
    pub(super) fn before_lock(map: &'m IdentityMap, def: &'static EntityDef) -> Self {
        let store = map.store_of(def);
        let touched: Vec<ObjectRef> = map.work().touched.iter().copied().collect();
        let entity = IdentityMap::object(def, 0).entity;
        let is_held = |object: &ObjectRef| {
            object.entity == entity
                && matches!(store.status(object.slot), Status::Persistent)
                && !store.has_mark(object.slot, Mark::Locked)
                && !store.has_mark(object.slot, Mark::New)
        };
        let columns: Vec<usize> = (0..def.columns.len()).collect();
        Self::new(map, touched.into_iter().filter(is_held).collect(), &columns)
    }
}
