//! Deletions that go before INSERTs and UPDATEs, because these take unique values of the rows that go; with everything that
//! must let go of those rows before.

use super::Planner;
use crate::{
    collections::HashSet,
    error::{Error, ErrorKind, Result},
    flush::{
        plan::{Action, Step, Why},
        rows::{Cell, ChangedKey, Rows, cell_of},
    },
    value::ComparableKey,
};

impl Planner<'_> {
    /// Deletes the rows of the tables where a value must be free first.
    pub(super) fn delete_early(&mut self, components: &[Vec<usize>]) -> Result<()> {
        let early = self.early_entities();
        if early.is_empty() {
            return Ok(());
        }
        let updates = self.let_go(&early)?;
        let updates = self.in_order(updates);
        self.update(&updates, Why::FreesUniqueValue)?;
        self.sent.extend(updates);
        for component in components.iter().rev() {
            let entities: Vec<usize> = component.iter().copied().filter(|entity| early.contains(entity)).collect();
            self.delete_component(&entities, Why::FreesUniqueValue)?;
        }
        self.deleted = early;
        Ok(())
    }

    /// The tables that let go first, and those whose rows that go refer to them.
    fn early_entities(&self) -> HashSet<usize> {
        let entity = |row: &usize| self.positions[&self.rows.gone[*row].def.index.get()];
        let mut early: HashSet<usize> = self.unique.early.iter().map(entity).collect();
        let mut grew = !early.is_empty();
        while grew {
            grew = false;
            for key in &self.keys {
                let (child, parent) = self.ends(key);
                if early.contains(&parent) && !self.gone[child].is_empty() {
                    grew |= early.insert(child);
                }
            }
        }
        early
    }

    /// The updates that take rows away from those that go early. Where such an update must wait for a new row, the foreign
    /// key becomes NULL until then.
    fn let_go(&mut self, early: &HashSet<usize>) -> Result<Vec<usize>> {
        let mut updates = Vec::new();
        let mut clears = Vec::new();
        for key in &self.keys {
            let (child, parent) = self.ends(key);
            if !early.contains(&parent) || !key.enforced {
                continue;
            }
            let gone = self.gone[parent].iter();
            let gone: HashSet<ComparableKey> =
                gone.filter_map(|row| self.base_key(self.rows.gone[*row].object, &key.referenced)).collect();
            let mut keys = Vec::new();
            for &row in &self.changed[child] {
                let changed = &self.rows.changed[row];
                let writes = key.columns.iter().any(|column| cell_of(&changed.cells, *column).is_some());
                if !writes || !self.base_key(changed.object, &key.columns).is_some_and(|value| gone.contains(&value)) {
                    continue;
                }
                if self.waits_for_nothing(row) {
                    if !updates.contains(&row) {
                        updates.push(row);
                    }
                } else if let (false, ChangedKey::Known(known)) = (key.nullable_columns().is_empty(), &changed.key) {
                    keys.push(known.clone());
                } else {
                    return Err(self.must_flush_between(row, &key.name()));
                }
            }
            if !keys.is_empty() {
                clears.push(Action::ClearForeignKey { def: key.child, columns: key.nullable_columns(), keys });
            }
        }
        for action in clears {
            self.steps.push(Step { action, why: Why::FreesUniqueValue });
        }
        Ok(updates)
    }

    /// Changed rows, table by table and by key.
    fn in_order(&self, rows: Vec<usize>) -> Vec<usize> {
        let rows: HashSet<usize> = rows.into_iter().collect();
        self.changed.iter().flatten().copied().filter(|row| rows.contains(row)).collect()
    }

    /// Whether everything that an update writes is there already.
    fn waits_for_nothing(&self, row: usize) -> bool {
        let changed = &self.rows.changed[row];
        let refers_to_new = |number: usize| {
            let key = &self.keys[number];
            let value = Rows::known(&changed.cells, &key.columns).and_then(ComparableKey::of);
            key.child.index.get() == changed.def.index.get()
                && value.is_some_and(|value| self.new_by_key(number).contains_key(&value))
        };
        changed.cells.iter().all(|(_, cell)| !matches!(cell, Cell::KeyOf { .. }))
            && !self.unique.after.contains_key(&row)
            && !(0..self.keys.len()).any(refers_to_new)
    }

    fn must_flush_between(&self, row: usize, key: &str) -> Error {
        let changed = &self.rows.changed[row];
        Error::new(
            ErrorKind::Cycle,
            format!(
                "it leaves a row that is deleted (by {key}) for a new one, and another new row takes a unique value of the \
                 deleted one: neither can go first. Nothing was sent. Flush after deleting, before adding"
            ),
        )
        .with_entity(changed.def.name)
        .with_key(self.map.store_at(changed.object).print_key(changed.object.slot))
    }
}
