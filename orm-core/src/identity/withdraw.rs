//! New objects that are taken back before a flush inserts them.

use super::{IdentityMap, ObjectRef};
use crate::state::Status;

impl IdentityMap {
    /// Takes back a new object, and new ones that a deletion of it would take along.
    pub(crate) fn withdraw(&self, object: ObjectRef) {
        let mut taken = vec![object];
        {
            let work = self.work();
            let mut at = 0;
            while let Some(parent) = taken.get(at).copied() {
                at += 1;
                let relations = self.store_at(parent).def().relations;
                for (child, follows) in &work.follows {
                    let goes_along = follows.iter().any(|follow| {
                        let declared = follow.parent_relation.map(|relation| &relations[relation]);
                        follow.parent == parent
                            && declared.is_some_and(|declared| declared.cascade_delete || declared.delete_orphan)
                    });
                    let is_new = self.store_at(*child).status(child.slot) == Status::Pending;
                    if goes_along && is_new && !taken.contains(child) {
                        taken.push(*child);
                    }
                }
            }
        }
        self.discard(&taken);
    }
}
