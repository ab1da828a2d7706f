//! From rows to steps: in which order statements go out so that foreign keys and unique values are never in the way.

mod delete;
mod dependencies;
mod early;
mod insert;
mod tables;
mod unique;
mod update;

use std::cell::OnceCell;

use self::unique::UniqueValues;
pub(super) use self::update::has_exact_key;
use super::{
    foreign_key::{ForeignKey, foreign_keys, same_entity},
    graph::{Edge, components},
    plan::{Action, FlushPlan, Pairs, Step, Why},
    rows::{ChangedKey, Rows, cell_of},
};
use crate::{
    collections::{HashMap, HashSet},
    database::Checks,
    error::Result,
    identity::{IdentityMap, PairChange},
    schema::EntityDef,
    value::{ComparableKey, Value},
};

/// Orders everything that a flush has to write.
pub(super) fn order(map: &IdentityMap, rows: Rows, checks: Checks) -> Result<FlushPlan> {
    let mut planner = Planner::new(map, rows, checks);
    planner.plan()?;
    Ok(FlushPlan { rows: planner.rows, steps: planner.steps })
}

struct Planner<'m> {
    map: &'m IdentityMap,
    checks: Checks,
    rows: Rows,
    steps: Vec<Step>,
    /// In the order of their tables.
    entities: Vec<&'static EntityDef>,
    /// Position in `entities` by the entity's number.
    positions: HashMap<usize, usize>,
    keys: Vec<ForeignKey>,
    /// Of each foreign key, the new rows that it may refer to by a key that the program gave. Made when first asked for.
    given: Vec<OnceCell<HashMap<ComparableKey, usize>>>,
    /// Positions of rows, by position of their entity.
    new: Vec<Vec<usize>>,
    changed: Vec<Vec<usize>>,
    gone: Vec<Vec<usize>>,
    unique: UniqueValues,
    /// Changed rows that have been sent with early deletions.
    sent: HashSet<usize>,
    /// Entities whose rows have been deleted early.
    deleted: HashSet<usize>,
}

impl<'m> Planner<'m> {
    fn new(map: &'m IdentityMap, rows: Rows, checks: Checks) -> Self {
        let mut planner = Self {
            map,
            checks,
            steps: Vec::new(),
            entities: Vec::new(),
            positions: HashMap::new(),
            keys: Vec::new(),
            given: Vec::new(),
            new: Vec::new(),
            changed: Vec::new(),
            gone: Vec::new(),
            unique: UniqueValues::default(),
            sent: HashSet::new(),
            deleted: HashSet::new(),
            rows: Rows::default(),
        };
        let mut entities: Vec<&'static EntityDef> = Vec::new();
        let of_rows = rows.new.iter().map(|row| row.def).chain(rows.changed.iter().map(|row| row.def));
        for def in of_rows.chain(rows.gone.iter().map(|row| row.def)) {
            if !entities.iter().any(|known| same_entity(known, def)) {
                entities.push(def);
            }
        }
        tables::sort(&mut entities);
        for def in entities {
            planner.entity(def);
        }
        for (row, new) in rows.new.iter().enumerate() {
            let entity = planner.entity(new.def);
            planner.new[entity].push(row);
        }
        for (row, changed) in rows.changed.iter().enumerate() {
            let entity = planner.entity(changed.def);
            planner.changed[entity].push(row);
        }
        for (row, gone) in rows.gone.iter().enumerate() {
            let entity = planner.entity(gone.def);
            planner.gone[entity].push(row);
        }
        // Whoever writes the same rows waits for the first of them.
        for changed in &mut planner.changed {
            changed.sort_by_cached_key(|row| match &rows.changed[*row].key {
                ChangedKey::Known(key) => ComparableKey::of(key),
                ChangedKey::Inserted(_) => None,
            });
        }
        for gone in &mut planner.gone {
            gone.sort_by_cached_key(|row| ComparableKey::of(&rows.gone[*row].key));
        }
        planner.keys = foreign_keys(&planner.entities);
        planner.given = planner.keys.iter().map(|_| OnceCell::new()).collect();
        planner.rows = rows;
        planner
    }

    fn entity(&mut self, def: &'static EntityDef) -> usize {
        let next = self.entities.len();
        let entity = *self.positions.entry(def.index.get()).or_insert(next);
        if entity == next {
            self.entities.push(def);
            self.new.push(Vec::new());
            self.changed.push(Vec::new());
            self.gone.push(Vec::new());
        }
        entity
    }

    fn plan(&mut self) -> Result<()> {
        self.unique = UniqueValues::find(self)?;
        let components = components(&self.edges());
        self.pairs(PairChange::Remove);
        self.delete_early(&components)?;
        for component in &components {
            self.write_component(component)?;
        }
        self.pairs(PairChange::Add);
        for component in components.iter().rev() {
            let gone: Vec<usize> = component.iter().copied().filter(|entity| !self.deleted.contains(entity)).collect();
            self.delete_component(&gone, Why::ForeignKeys)?;
        }
        Ok(())
    }

    /// Which entities come after which, by foreign keys.
    fn edges(&self) -> Vec<Vec<Edge>> {
        let mut edges = vec![Vec::new(); self.entities.len()];
        for key in &self.keys {
            let (child, parent) = self.ends(key);
            edges[child].push(Edge { after: parent, step: 1 });
        }
        edges
    }

    fn ends(&self, key: &ForeignKey) -> (usize, usize) {
        (self.positions[&key.child.index.get()], self.positions[&key.parent.index.get()])
    }

    /// The foreign keys within a component: none, unless rows of it may refer to each other.
    fn keys_within(&self, component: &[usize]) -> Vec<usize> {
        let within = |key: &ForeignKey| {
            let (child, parent) = self.ends(key);
            component.contains(&child) && component.contains(&parent)
        };
        (0..self.keys.len()).filter(|&key| within(&self.keys[key])).collect()
    }

    /// Whether a foreign key may be NULL, so that it can be written later and let go earlier.
    fn can_be_null(&self, key: usize) -> bool {
        !self.keys[key].nullable_columns().is_empty()
    }

    /// Whether that is what the program asks for.
    fn is_post_update(&self, key: usize) -> bool {
        self.keys[key].post_update && self.can_be_null(key)
    }

    fn write_component(&mut self, component: &[usize]) -> Result<()> {
        let changed = rows_of(&self.changed, component).filter(|row| !self.sent.contains(row)).collect::<Vec<_>>();
        let keys = self.keys_within(component);
        let (dependent, independent): (Vec<usize>, Vec<usize>) =
            changed.into_iter().partition(|&row| self.refers_to_new(row, component, &keys));
        self.check_unique(&independent, &dependent)?;
        self.update(&independent, Why::ForeignKeys)?;
        let closing = self.insert_component(component, &keys)?;
        self.update(&dependent, Why::RefersToNewRows)?;
        self.update(&closing, Why::ClosesCircle)
    }

    /// The rows of secondary tables, by table.
    fn pairs(&mut self, change: PairChange) {
        let mut steps: Vec<Pairs> = Vec::new();
        for (row, pair) in self.rows.pairs.iter().enumerate().filter(|(_, pair)| pair.change == change) {
            match steps.iter_mut().find(|step| std::ptr::eq(step.relation, pair.relation)) {
                Some(step) => step.rows.push(row),
                None => steps.push(Pairs { owner: pair.owner, relation: pair.relation, rows: vec![row] }),
            }
        }
        steps.sort_by_key(|step| step.relation.secondary.as_ref().map(|secondary| secondary.table));
        for pairs in steps {
            let action = match change {
                PairChange::Add => Action::InsertPairs(pairs),
                PairChange::Remove => Action::DeletePairs(pairs),
            };
            self.steps.push(Step { action, why: Why::Pairs });
        }
    }

    /// What the database has in these columns of a row that is to be changed or deleted; the key where nothing else is known.
    fn base(&self, object: crate::identity::ObjectRef, columns: &[usize]) -> Option<Vec<Value>> {
        let store = self.map.store_at(object);
        if columns == store.def().primary_key {
            return store.key(object.slot);
        }
        columns.iter().map(|column| store.base_value(object.slot, *column)).collect()
    }

    fn base_key(&self, object: crate::identity::ObjectRef, columns: &[usize]) -> Option<ComparableKey> {
        ComparableKey::of(&self.base(object, columns)?)
    }

    /// New rows of a foreign key's parent, by what the key refers to, where the program gave that.
    fn new_by_key(&self, number: usize) -> &HashMap<ComparableKey, usize> {
        self.given[number].get_or_init(|| {
            let key = &self.keys[number];
            let rows = &self.new[self.ends(key).1];
            let known = |row: &usize| {
                Some((ComparableKey::of(Rows::known(&self.rows.new[*row].cells, &key.referenced)?)?, *row))
            };
            rows.iter().filter_map(known).collect()
        })
    }

    /// Whether an UPDATE writes the key of a new row of the component.
    fn refers_to_new(&self, row: usize, component: &[usize], keys: &[usize]) -> bool {
        let row = &self.rows.changed[row];
        keys.iter().any(|&number| {
            let key = &self.keys[number];
            let held = key.child.index.get() == row.def.index.get();
            if !held || !key.columns.iter().any(|column| cell_of(&row.cells, *column).is_some()) {
                return false;
            }
            match Rows::follows_new(&row.cells, &key.columns) {
                Some(parent) => component.contains(&self.positions[&self.rows.new[parent].def.index.get()]),
                None => Rows::known(&row.cells, &key.columns)
                    .and_then(ComparableKey::of)
                    .is_some_and(|value| self.new_by_key(number).contains_key(&value)),
            }
        })
    }
}

/// The rows of all entities of a component, table by table.
fn rows_of<'p>(by_entity: &'p [Vec<usize>], component: &'p [usize]) -> impl Iterator<Item = usize> + use<'p> {
    component.iter().flat_map(|entity| by_entity[*entity].iter().copied())
}
