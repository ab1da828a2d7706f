//! Lists of rows become lists as the program sees them.

use super::selectin::Lists;
use crate::{
    identity::{IdentityMap, Work},
    schema::EntityDef,
};

/// The lists as they will be shown, where that is not as they were read: those of these owners are merged with what is unflushed.
pub(super) fn seen(
    map: &IdentityMap,
    work: &Work,
    def: &'static EntityDef,
    relation: usize,
    owners: &[u32],
    lists: &Lists,
) -> Option<Lists> {
    let unflushed = map.unflushed(work, def, relation)?;
    let mut seen = lists.clone();
    for owner in owners {
        if let Some(found) = lists.get(*owner) {
            seen.insert(*owner, unflushed.see(map, work, *owner, found));
        }
    }
    Some(seen)
}

/// As [`seen`], once they are shown: what the rows settle is no work of the flush any more.
pub(super) fn settled(
    map: &IdentityMap,
    work: &mut Work,
    def: &'static EntityDef,
    relation: usize,
    owners: &[u32],
    lists: &Lists,
) -> Option<Lists> {
    owners.iter().for_each(|owner| {
        if let Some(found) = lists.get(*owner) {
            map.settle_list(work, def, relation, *owner, found);
        }
    });
    seen(map, work, def, relation, owners, lists)
}
