//! Children that nobody owns any more.

use crate::{
    identity::{
        IdentityMap, ObjectRef,
        work::{Follow, Work},
    },
    state::{Mark, Status},
};

impl IdentityMap {
    /// A child that nobody owns any more: deleted at the next flush, dropped at once when it was never flushed, and with it
    /// the new objects that it owns itself.
    pub(super) fn orphan(&self, work: &mut Work, child: ObjectRef) {
        let mut orphans = vec![child];
        while let Some(child) = orphans.pop() {
            let children = self.store_at(child);
            match children.status(child.slot) {
                Status::Pending => {}
                Status::Persistent | Status::Expired => {
                    children.set_mark(child.slot, Mark::DeletePending);
                    work.deleted.insert(child);
                    continue;
                }
                Status::Deleted | Status::Discarded => continue,
            }
            work.pending.shift_remove(&child);
            work.follows.remove(&child);
            children.set_mark(child.slot, Mark::Discarded);
            let owned = |follow: &Follow| {
                let declared = |at: usize| &children.def().relations[at];
                let is_owned = |at| declared(at).cascade_delete || declared(at).delete_orphan;
                follow.parent == child && follow.parent_relation.is_some_and(is_owned)
            };
            let owned = work.follows.iter().filter(|(_, follows)| follows.iter().any(owned)).map(|(child, _)| *child);
            // What has a row was to move here: it stays where it was.
            orphans.extend(owned.filter(|child| self.store_at(*child).status(child.slot) == Status::Pending));
        }
    }
}
