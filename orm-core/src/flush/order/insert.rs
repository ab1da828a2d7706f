//! The order of INSERTs: a batch for each table and set of columns; rows that refer to each other, level by level.

use super::{
    Planner,
    dependencies::{Circle, Dependencies},
    rows_of,
};
use crate::{
    collections::{HashMap, IndexMap},
    database::Checks,
    error::Result,
    flush::{
        graph::{Edge, circles, levels},
        plan::{Action, Insert, Matching, Step, Why},
        row_key::comes_back_exactly,
        rows::{Cell, ChangedKey, ChangedRow, Columns, Confirm, Rows, put},
    },
    schema::{EntityDef, Generation, SqlType},
    value::{ComparableKey, null_of},
};

impl Planner<'_> {
    /// Inserts the new rows of a component. Gives the updates that close circles afterwards.
    pub(super) fn insert_component(&mut self, component: &[usize], keys: &[usize]) -> Result<Vec<usize>> {
        // In the order in which they were added: that of the keys that the database makes.
        let mut rows: Vec<usize> = rows_of(&self.new, component).collect();
        rows.sort_unstable();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut dependencies = self.references(&rows, keys);
        let mut closing = Vec::new();
        for &key in keys {
            if !self.is_post_update(key) {
                continue;
            }
            let taken = dependencies.take_everywhere(key);
            closing.extend(taken.into_iter().map(|taken| self.defer(rows[taken.row], key)));
        }
        let order = loop {
            match levels(&dependencies.edges) {
                Ok(order) => break order,
                Err(_) => self.break_circles(&rows, &mut dependencies, &mut closing)?,
            }
        };
        let mut batches: IndexMap<(usize, usize, Vec<usize>), Vec<usize>> = IndexMap::default();
        for at in order.order.into_iter().filter(|at| *at < dependencies.rows()) {
            let row = &self.rows.new[rows[at]];
            let columns = row.cells.iter().map(|(column, _)| *column).collect();
            batches.entry((order.level[at], row.def.index.get(), columns)).or_default().push(rows[at]);
        }
        // Levels in their order; within one, tables in theirs, and shapes as they first appear.
        let mut batches: Vec<_> = batches.into_iter().collect();
        batches.sort_by_key(|((level, entity, _), _)| (*level, self.positions[entity]));
        for ((level, _, columns), rows) in batches {
            let def = self.rows.new[rows[0]].def;
            let (matching, returning) = matching(def, &columns);
            let why = if level == 0 { Why::ForeignKeys } else { Why::Level(level) };
            let insert = Insert { def, columns, returning, matching, rows };
            self.steps.push(Step { action: Action::Insert(insert), why });
        }
        Ok(closing)
    }

    /// Which of the rows refer to which.
    fn references(&self, rows: &[usize], keys: &[usize]) -> Dependencies {
        let mut dependencies = Dependencies::new(rows.len());
        if keys.is_empty() {
            return dependencies;
        }
        let position: HashMap<usize, usize> = rows.iter().enumerate().map(|(at, row)| (*row, at)).collect();
        for &number in keys {
            let key = &self.keys[number];
            let nothing = HashMap::new();
            let given = if key.enforced { self.new_by_key(number) } else { &nothing };
            for (at, row) in rows.iter().enumerate() {
                let row = &self.rows.new[*row];
                if row.def.index.get() != key.child.index.get() {
                    continue;
                }
                let (parent, known) = match Rows::follows_new(&row.cells, &key.columns) {
                    Some(parent) => (Some(parent), false),
                    None if given.is_empty() => (None, true),
                    None => {
                        let value = Rows::known(&row.cells, &key.columns).and_then(ComparableKey::of);
                        (value.and_then(|value| given.get(&value).copied()), true)
                    }
                };
                let Some(&after) = parent.as_ref().and_then(|parent| position.get(parent)) else { continue };
                // A row may refer to itself where its key is known: the constraint is checked once it is there.
                if known && after == at {
                    continue;
                }
                let together = known && same_shape(&self.rows.new[rows[after]].cells, &row.cells) && {
                    self.rows.new[rows[after]].def.index.get() == row.def.index.get()
                };
                dependencies.add(at, Edge { after, step: usize::from(!together) }, number);
            }
        }
        dependencies
    }

    /// Takes one foreign key out of each circle: it is NULL at first, and follows by an UPDATE (in SQLAlchemy only with
    /// `post_update`, else an error).
    fn break_circles(
        &mut self,
        rows: &[usize],
        dependencies: &mut Dependencies,
        closing: &mut Vec<usize>,
    ) -> Result<()> {
        for members in circles(&dependencies.edges) {
            let circle = Circle::new(members);
            if let Some(key) = dependencies.weakest(&circle, |key| self.can_be_null(key)) {
                let taken = dependencies.take(&circle, key);
                closing.extend(taken.into_iter().map(|taken| self.defer(rows[taken.row], key)));
            } else if self.checks != Checks::RowByRow && dependencies.goes_together(&circle) {
                // One statement inserts them all, and its constraints are checked at its end.
                dependencies.put_together(&circle);
            } else {
                let name = |at: usize| {
                    let row = &self.rows.new[rows[at]];
                    format!("{}[{}]", row.def.name, self.map.store_at(row.object).print_key(row.object.slot))
                };
                let error = dependencies.unbreakable(self, &circle, name);
                return Err(error.with_entity(self.rows.new[rows[circle.members[0]]].def.name));
            }
        }
        Ok(())
    }

    /// The foreign key of a new row becomes NULL in its INSERT; the UPDATE that sets it afterwards.
    fn defer(&mut self, row: usize, key: usize) -> usize {
        let columns = self.keys[key].nullable_columns();
        let new = &mut self.rows.new[row];
        let mut cells: Columns = Vec::new();
        for column in columns {
            let null = Cell::Made(null_of(new.def.columns[column].sql_type));
            if let Ok(at) = new.cells.binary_search_by_key(&column, |(at, _)| *at) {
                put(&mut cells, column, std::mem::replace(&mut new.cells[at].1, null));
            }
        }
        let update = ChangedRow {
            object: new.object,
            def: new.def,
            cells,
            key: ChangedKey::Inserted(row),
            version: None,
            confirm: Confirm::Nothing,
        };
        self.rows.changed.push(update);
        self.rows.changed.len() - 1
    }
}

fn same_shape(one: &Columns, other: &Columns) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|((one, _), (other, _))| one == other)
}

/// How the rows that come back are matched to objects, and what comes back: what was not given, and what tells rows apart.
fn matching(def: &'static EntityDef, given: &[usize]) -> (Matching, Vec<usize>) {
    let absent = |column: &usize| given.binary_search(column).is_err();
    let mut returning: Vec<usize> =
        (0..def.columns.len()).filter(|column| absent(column) && !def.columns[*column].deferred).collect();
    if returning.is_empty() {
        return (Matching::Nothing, returning);
    }
    let absent_keys: Vec<usize> = def.primary_key.iter().copied().filter(absent).collect();
    let matching = match absent_keys[..] {
        [] if def.primary_key.iter().all(|column| comes_back_exactly(def.columns[*column].sql_type)) => {
            returning.extend(def.primary_key);
            Matching::Key
        }
        [key] if is_counted(def, key) => Matching::Ascending(key),
        _ => Matching::RowByRow,
    };
    (matching, returning)
}

/// Whether the database makes the key by counting.
fn is_counted(def: &EntityDef, key: usize) -> bool {
    let column = &def.columns[key];
    column.generation == Generation::Database
        && matches!(column.sql_type, SqlType::SmallInt | SqlType::Integer | SqlType::BigInt)
}
