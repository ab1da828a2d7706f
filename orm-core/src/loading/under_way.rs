//! Lists that were read and are not published yet, because their members are being filled.
//!
//! What was promised of objects can lead in a circle: the books of a writer, whose authors show their books. Filling the one fills the
//! other, and comes back. There it takes the list that is under way, instead of reading it again and filling it without end.
//!
//! A loader that failed is not used again: lists that are left here then are forgotten with it.

use std::sync::Arc;

use super::selectin::Lists;
use crate::{collections::HashMap, load::Shape, schema::EntityDef};

#[derive(Debug, Default)]
pub(super) struct UnderWay(HashMap<Place, List>);

/// One relationship of one object.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Place {
    entity: usize,
    relation: usize,
    owner: u32,
}

#[derive(Debug)]
struct List {
    members: Vec<u32>,
    promised: Vec<Arc<Shape>>,
}

impl Place {
    fn of(def: &'static EntityDef, relation: usize, owner: u32) -> Self {
        Self { entity: def.index.get(), relation, owner }
    }
}

impl UnderWay {
    /// Those of the lists that are under way.
    pub(super) fn lists(&self, def: &'static EntityDef, relation: usize, owners: &[u32]) -> Lists {
        let mut lists = Lists::default();
        if !self.0.is_empty() {
            for owner in owners {
                if let Some(list) = self.0.get(&Place::of(def, relation, *owner)) {
                    lists.insert(*owner, list.members.clone());
                }
            }
        }
        lists
    }

    /// The lists of these owners were read, and their members are filled next.
    pub(super) fn begin(&mut self, def: &'static EntityDef, relation: usize, owners: &[u32], lists: &Lists) {
        self.0.extend(owners.iter().map(|owner| {
            let members = lists.get(*owner).unwrap_or_default().to_vec();
            (Place::of(def, relation, *owner), List { members, promised: Vec::new() })
        }));
    }

    /// Promises something of a list, from the moment on at which it is published; `false` where it is not under way.
    pub(super) fn promise(&mut self, def: &'static EntityDef, relation: usize, owner: u32, shape: &Arc<Shape>) -> bool {
        let list = self.0.get_mut(&Place::of(def, relation, owner));
        list.map(|list| list.promised.push(Arc::clone(shape))).is_some()
    }

    /// The list is published now, with what was promised of it meanwhile.
    pub(super) fn end(&mut self, def: &'static EntityDef, relation: usize, owner: u32) -> Vec<Arc<Shape>> {
        self.0.remove(&Place::of(def, relation, owner)).map(|list| list.promised).unwrap_or_default()
    }
}
