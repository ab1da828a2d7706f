//! The order of UPDATEs: one for each set of changed columns, one after the other where a unique value changes hands.

use super::Planner;
use crate::{
    collections::{HashMap, IndexMap},
    error::Result,
    flush::{
        collect::version_column,
        graph::{Edge, circles, levels},
        plan::{Action, Step, Update, Why},
        row_key::comes_back_exactly,
    },
    schema::EntityDef,
};

impl Planner<'_> {
    /// Updates these rows.
    pub(super) fn update(&mut self, rows: &[usize], why: Why) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let levels = self.unique_levels(rows)?;
        let mut batches: IndexMap<(usize, usize, bool, Vec<usize>), Vec<usize>> = IndexMap::default();
        for (at, &row) in rows.iter().enumerate() {
            let changed = &self.rows.changed[row];
            let columns = changed.cells.iter().map(|(column, _)| *column).collect();
            let level = levels.as_ref().map_or(0, |levels| levels[at]);
            let batch = (level, changed.def.index.get(), changed.version.is_some(), columns);
            batches.entry(batch).or_default().push(row);
        }
        let mut batches: Vec<_> = batches.into_iter().collect();
        batches.sort_by_key(|((level, ..), _)| *level);
        for ((level, _, versioned, columns), rows) in batches {
            let def = self.rows.changed[rows[0]].def;
            let version = version_column(def).filter(|_| versioned);
            let returning = self.returning(def, &columns, version, &rows);
            let frees = levels.as_ref().is_some_and(|levels| level < levels.iter().copied().max().unwrap_or(0));
            let why = if frees { Why::FreesUniqueValue } else { why };
            self.steps.push(Step { action: Action::Update(Update { def, columns, version, returning, rows }), why });
        }
        Ok(())
    }

    /// A level for each row where some take what others give up.
    fn unique_levels(&mut self, rows: &[usize]) -> Result<Option<Vec<usize>>> {
        if self.unique.after.is_empty() {
            return Ok(None);
        }
        let position: HashMap<usize, usize> = rows.iter().enumerate().map(|(at, row)| (*row, at)).collect();
        loop {
            let edges: Vec<Vec<Edge>> = rows
                .iter()
                .map(|row| {
                    let after = self.unique.after.get(row).into_iter().flatten();
                    after.filter_map(|(row, _)| Some(Edge { after: *position.get(row)?, step: 1 })).collect()
                })
                .collect();
            match levels(&edges) {
                Ok(levels) => return Ok(Some(levels.level)),
                // Foreign keys of one-to-one relationships change places by way of NULL.
                Err(_) => {
                    for circle in circles(&edges) {
                        if !circle.iter().any(|at| self.let_go_first(rows[*at])) {
                            return Err(self.swap(rows[circle[0]]));
                        }
                    }
                }
            }
        }
    }

    /// What comes back: what the database makes at an UPDATE, deferred columns only where one of the objects shows them; and the key
    /// where rows must be told apart by it.
    fn returning(
        &self,
        def: &'static EntityDef,
        columns: &[usize],
        version: Option<usize>,
        rows: &[usize],
    ) -> Vec<usize> {
        let store = self.map.store_of(def);
        let is_shown =
            |column| rows.iter().any(|row| store.is_column_loaded(self.rows.changed[*row].object.slot, column));
        let made = |column: &usize| {
            let definition = &def.columns[*column];
            (definition.on_update.is_some() || definition.read_only)
                && !columns.contains(column)
                && (!definition.deferred || is_shown(*column))
        };
        let mut returning: Vec<usize> = (0..def.columns.len()).filter(made).collect();
        if rows.len() > 1 && (version.is_some() || !returning.is_empty()) && has_exact_key(def) {
            returning.extend(def.primary_key);
        }
        returning
    }
}

/// Whether rows of an entity can be told apart by the key as it comes back from the database.
pub(in crate::flush) fn has_exact_key(def: &EntityDef) -> bool {
    def.primary_key.iter().all(|column| comes_back_exactly(def.columns[*column].sql_type))
}
