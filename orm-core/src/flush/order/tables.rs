//! The one order of tables: parents before children; tables that do not depend on each other go by name.
//!
//! Two flushes that write the same tables lock them in the same order, whatever was written first and whatever else they write. So a
//! table's place depends on what its entity refers to, not on the other entities of the flush.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::{
    collections::{HashMap, HashSet},
    flush::{
        foreign_key::foreign_keys,
        graph::{Edge, components},
    },
    schema::EntityDef,
};

/// The name of a table and of the schema it is in.
type Name = (Option<&'static str>, &'static str);

/// How deep below others a table is, the first name of the circle that it is part of, and its own.
type Place = (usize, Name, Name);

/// The places of entities, by the numbers of the entities of one flush.
type Known = HashMap<Vec<usize>, Arc<HashMap<usize, Place>>>;

/// How many sets of entities are remembered.
const MOST_KNOWN: usize = 1_000;

/// Puts entities in the order of their tables.
pub(super) fn sort(entities: &mut [&'static EntityDef]) {
    if entities.len() < 2 {
        return;
    }
    static KNOWN: OnceLock<Mutex<Known>> = OnceLock::new();
    let mut numbers: Vec<usize> = entities.iter().map(|def| def.index.get()).collect();
    numbers.sort_unstable();
    let places = {
        let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        Arc::clone(known.entry(numbers).or_insert_with(|| Arc::new(places(entities))))
    };
    entities.sort_by_key(|def| places.get(&def.index.get()).copied());
}

fn name(def: &EntityDef) -> Name {
    (def.schema, def.table)
}

/// The places of these entities and of all that they lead to.
fn places(entities: &[&'static EntityDef]) -> HashMap<usize, Place> {
    let mut all = entities.to_vec();
    let mut seen: HashSet<usize> = all.iter().map(|def| def.index.get()).collect();
    let mut at = 0;
    while let Some(def) = all.get(at).copied() {
        at += 1;
        let targets = def.relations.iter().map(|relation| (relation.target)());
        all.extend(targets.filter(|target| seen.insert(target.index.get())));
    }
    let positions: HashMap<usize, usize> = all.iter().enumerate().map(|(at, def)| (def.index.get(), at)).collect();
    let mut edges = vec![Vec::new(); all.len()];
    for key in foreign_keys(&all) {
        let after = positions[&key.parent.index.get()];
        edges[positions[&key.child.index.get()]].push(Edge { after, step: 1 });
    }
    let mut levels = vec![0; all.len()];
    let mut places = HashMap::with_capacity(all.len());
    for component in components(&edges) {
        let parents = component.iter().flat_map(|entity| &edges[*entity]).map(|edge| edge.after);
        let above = parents.filter(|parent| !component.contains(parent)).map(|parent| levels[parent] + 1);
        let level = above.max().unwrap_or(0);
        let first = component.iter().map(|entity| name(all[*entity])).min();
        for entity in component {
            levels[entity] = level;
            let own = name(all[entity]);
            places.insert(all[entity].index.get(), (level, first.unwrap_or(own), own));
        }
    }
    places
}
