//! Values that must be unique and change hands within one flush: who must let go first.

use super::Planner;
use crate::{
    collections::HashMap,
    error::{Error, ErrorKind, Result},
    flush::{
        foreign_key::nullable,
        plan::{Action, Step, Why},
        rows::{Cell, ChangedKey, ChangedRow, Rows, cell_of},
    },
    identity::{IdentityMap, one_to_one_keys},
    schema::EntityDef,
    value::{ComparableKey, Value, is_null, only_the_database_compares_any},
};

/// Who waits for whom because of unique values.
#[derive(Debug, Default)]
pub(super) struct UniqueValues {
    /// Rows that go whose values others take.
    pub(super) early: Vec<usize>,
    /// Changed row → the changed rows whose former values it takes, and the columns that they are in.
    pub(super) after: HashMap<usize, Vec<(usize, Vec<usize>)>>,
    /// Changed rows whose former values new rows take, and the columns.
    pub(super) before_inserts: HashMap<usize, Vec<usize>>,
}

/// Who gives a value up.
#[derive(Clone, Copy)]
enum Giver {
    Gone(usize),
    Changed(usize),
}

impl UniqueValues {
    pub(super) fn find(planner: &Planner<'_>) -> Result<Self> {
        let mut found = Self::default();
        for entity in 0..planner.entities.len() {
            if planner.gone[entity].is_empty() && planner.changed[entity].is_empty() {
                continue;
            }
            for columns in unique_columns(planner.map, planner.entities[entity]) {
                found.look(planner, entity, &columns);
            }
        }
        found.early.sort_unstable();
        found.early.dedup();
        Ok(found)
    }

    fn look(&mut self, planner: &Planner<'_>, entity: usize, columns: &[usize]) {
        let writes = |row: &&usize| writes(&planner.rows.changed[**row], columns);
        let mut given = Given::of(planner, entity, columns);
        for &row in &planner.gone[entity] {
            if let Some(values) = planner.base(planner.rows.gone[row].object, columns) {
                given.insert(&values, Giver::Gone(row), Takes::Nothing);
            }
        }
        for &row in planner.changed[entity].iter().filter(writes) {
            let changed = &planner.rows.changed[row];
            let becomes_null = taken(planner, changed, columns).is_some_and(|values| values.iter().any(is_null));
            if let Some(values) = planner.base(changed.object, columns) {
                let takes = if becomes_null { Takes::Nothing } else { Takes::Another };
                given.insert(&values, Giver::Changed(row), takes);
            }
        }
        if given.exact.is_empty() {
            return;
        }
        for &row in &planner.new[entity] {
            let values = Rows::known(&planner.rows.new[row].cells, columns);
            match values.and_then(|values| given.get(&values.into_iter().cloned().collect::<Vec<_>>())) {
                Some(Giver::Gone(gone)) => self.early.push(gone),
                Some(Giver::Changed(giver)) => drop(self.before_inserts.insert(giver, columns.to_vec())),
                None => {}
            }
        }
        for &row in planner.changed[entity].iter().filter(writes) {
            let taken = taken(planner, &planner.rows.changed[row], columns);
            match taken.and_then(|values| given.get(&values)) {
                Some(Giver::Gone(gone)) => self.early.push(gone),
                Some(Giver::Changed(giver)) if giver != row => {
                    self.after.entry(row).or_default().push((giver, columns.to_vec()));
                }
                _ => {}
            }
        }
    }
}

/// Whether a row that gives a value up takes another one in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Another,
}

/// Who gives up which values of some columns.
struct Given {
    exact: HashMap<ComparableKey, Giver>,
    /// Of a one-to-one foreign key that is text, by [`folded`] values, those who take nothing: they can always go first.
    folded: Option<HashMap<ComparableKey, Giver>>,
}

impl Given {
    fn of(planner: &Planner<'_>, entity: usize, columns: &[usize]) -> Self {
        let def = planner.entities[entity];
        let folds = only_the_database_compares_any(def, columns)
            && one_to_one_keys(def, planner.map.stores().map(|store| store.def())).iter().any(|key| key == columns);
        Self { exact: HashMap::new(), folded: folds.then(HashMap::new) }
    }

    fn insert(&mut self, values: &[Value], giver: Giver, takes: Takes) {
        let Some(key) = ComparableKey::of(values) else { return };
        self.exact.insert(key, giver);
        if let (Some(folded_keys), Takes::Nothing) = (&mut self.folded, takes)
            && let Some(key) = folded(values)
        {
            folded_keys.insert(key, giver);
        }
    }

    fn get(&self, values: &[Value]) -> Option<Giver> {
        let exact = self.exact.get(&ComparableKey::of(values)?);
        exact.or_else(|| self.folded.as_ref()?.get(&folded(values)?)).copied()
    }
}

/// Text without regard to case and blanks at its end, as most collations take it: where they do not, a row goes first without need.
fn folded(values: &[Value]) -> Option<ComparableKey> {
    let fold = |value: &Value| match value {
        Value::String(Some(text)) => Value::String(Some(text.trim_end().to_lowercase())),
        other => other.clone(),
    };
    ComparableKey::of(&values.iter().map(fold).collect::<Vec<_>>())
}

fn writes(row: &ChangedRow, columns: &[usize]) -> bool {
    columns.iter().any(|column| cell_of(&row.cells, *column).is_some())
}

/// What a row will have in these columns.
fn taken(planner: &Planner<'_>, row: &ChangedRow, columns: &[usize]) -> Option<Vec<Value>> {
    let store = planner.map.store_at(row.object);
    let value = |column: &usize| match cell_of(&row.cells, *column) {
        Some(cell) => cell.value().cloned(),
        None => store.base_value(row.object.slot, *column),
    };
    columns.iter().map(value).collect()
}

/// The sets of columns that forbid duplicates.
fn unique_columns(map: &IdentityMap, def: &'static EntityDef) -> Vec<Vec<usize>> {
    let single = (0..def.columns.len()).filter(|column| def.columns[*column].unique).map(|column| vec![column]);
    let several = def.indexes.iter().filter(|index| index.unique).map(|index| index.columns.to_vec());
    let declared = std::iter::once(def.primary_key.to_vec()).chain(single).chain(several);
    let mut sets: Vec<Vec<usize>> = declared.collect();
    for key in one_to_one_keys(def, map.stores().map(|store| store.def())) {
        if !sets.contains(&key) {
            sets.push(key);
        }
    }
    sets
}

impl Planner<'_> {
    /// Rows that must wait for new ones let go of the foreign keys that others take; of another value they cannot.
    pub(super) fn check_unique(&mut self, independent: &[usize], dependent: &[usize]) -> Result<()> {
        for giver in dependent {
            let taken = |row: &usize| {
                let after = self.unique.after.get(row).into_iter().flatten();
                after.into_iter().any(|(other, _)| other == giver)
            };
            let is_in_the_way = self.unique.before_inserts.contains_key(giver) || independent.iter().any(taken);
            if is_in_the_way && !self.let_go_first(*giver) {
                return Err(self.swap(*giver));
            }
        }
        Ok(())
    }

    /// A row lets go of the foreign keys that others take from it before any of them is written; `false` where they cannot be NULL.
    pub(super) fn let_go_first(&mut self, giver: usize) -> bool {
        let row = &self.rows.changed[giver];
        let ChangedKey::Known(key) = &row.key else { return false };
        let (def, key) = (row.def, key.clone());
        let keys = one_to_one_keys(def, self.map.stores().map(|store| store.def()));
        let mut taken: Vec<&Vec<usize>> = self.unique.before_inserts.get(&giver).into_iter().collect();
        let by_updates = self.unique.after.values().flatten().filter(|(other, _)| *other == giver);
        taken.extend(by_updates.map(|(_, columns)| columns));
        if taken.is_empty() {
            return false;
        }
        let mut columns: Vec<usize> = Vec::new();
        for taken in taken {
            let nullable = if keys.contains(taken) { nullable(def, taken) } else { Vec::new() };
            if nullable.is_empty() {
                return false;
            }
            columns.extend(nullable);
        }
        columns.sort_unstable();
        columns.dedup();
        self.steps.push(Step {
            action: Action::ClearForeignKey { def, columns, keys: vec![key] },
            why: Why::FreesUniqueValue,
        });
        self.unique.before_inserts.remove(&giver);
        self.unique.after.values_mut().for_each(|after| after.retain(|(other, _)| *other != giver));
        true
    }

    /// Rows that take each other's unique values.
    pub(super) fn swap(&self, row: usize) -> Error {
        let changed = &self.rows.changed[row];
        let def = changed.def;
        let by_update = self.unique.after.get(&row).and_then(|after| after.first()).map(|(_, columns)| columns);
        let columns = by_update.or_else(|| self.unique.before_inserts.get(&row));
        let fields: Vec<&str> = columns
            .into_iter()
            .flatten()
            .filter(|column| is_written(changed, **column))
            .map(|column| def.columns[*column].field)
            .collect();
        let fields = fields.join("`, `");
        Error::new(
            ErrorKind::UniqueViolation,
            format!(
                "objects of this flush take each other's values of `{fields}`, which must be unique at every moment: no order of \
                 statements can do that. Nothing was sent. Give one of them another value and flush in between"
            ),
        )
        .with_entity(def.name)
        .with_attribute(fields)
        .with_key(self.map.store_at(changed.object).print_key(changed.object.slot))
    }
}

fn is_written(row: &ChangedRow, column: usize) -> bool {
    matches!(cell_of(&row.cells, column), Some(Cell::Given(_) | Cell::Made(_) | Cell::KeyOf { .. }))
}
