//! Objects whose rows are gone leave the collections and to-ones of others.

use super::Publish;
use crate::{schema::RelationKind, state::Status};

impl Publish<'_> {
    pub(super) fn departures(&mut self) {
        if self.gone.is_empty() {
            return;
        }
        for store in self.map.stores() {
            // A required to-one keeps what it shows: a handle may have been promised that it is there.
            let shows = store.def().relations.iter().enumerate().filter_map(|(at, relation)| {
                let gone = self.gone.get(&((relation.target)().index.get() as u32))?;
                (relation.kind != RelationKind::BelongsTo || relation.optional).then_some((at, gone))
            });
            let shows: Vec<_> = shows.collect();
            if shows.is_empty() {
                continue;
            }
            for slot in 0..store.len() {
                let Some(links) = store.links(slot) else { continue };
                // What is gone itself stays readable as it was.
                if store.status(slot) == Status::Deleted {
                    continue;
                }
                for (relation, gone) in &shows {
                    links[*relation].remove_all(gone);
                }
            }
        }
    }
}
