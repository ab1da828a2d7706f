//! Lists that were read and are not published yet, because their members are being filled.
//!
//! What was promised of objects can lead in a circle: the books of a writer, whose authors show their books. Filling the one fills the
//! other, and comes back. There it takes the list that is under way, instead of reading it again and filling it without end.

use std::sync::Arc;

use crate::{collections::HashMap, load::Shape, schema::EntityDef};

#[derive(Debug, Default)]
pub(super) struct UnderWay(HashMap<Place, Entry>);

/// The entity's number, the owner and the relationship.
type Place = (usize, u32, usize);

#[derive(Debug)]
struct Entry {
    members: Vec<u32>,
    promised: Vec<Arc<Shape>>,
}

fn place(def: &'static EntityDef, owner: u32, relation: usize) -> Place {
    (def.index.get(), owner, relation)
}

impl UnderWay {
    pub(super) fn begin(&mut self, def: &'static EntityDef, owner: u32, relation: usize, members: &[u32]) {
        self.0.insert(place(def, owner, relation), Entry { members: members.to_vec(), promised: Vec::new() });
    }

    /// The members of a list that is under way.
    pub(super) fn members(&self, def: &'static EntityDef, owner: u32, relation: usize) -> Option<&[u32]> {
        self.0.get(&place(def, owner, relation)).map(|entry| entry.members.as_slice())
    }

    /// Promises something of a list once it is published. Whether it is under way.
    pub(super) fn promise(&mut self, def: &'static EntityDef, owner: u32, relation: usize, shape: &Arc<Shape>) -> bool {
        match self.0.get_mut(&place(def, owner, relation)) {
            Some(entry) => {
                entry.promised.push(Arc::clone(shape));
                true
            }
            None => false,
        }
    }

    /// The list is published now, with what was promised of it meanwhile.
    pub(super) fn end(&mut self, def: &'static EntityDef, owner: u32, relation: usize) -> Vec<Arc<Shape>> {
        self.0.remove(&place(def, owner, relation)).map(|entry| entry.promised).unwrap_or_default()
    }
}
