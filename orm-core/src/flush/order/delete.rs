//! The order of DELETEs: children before parents; many keys in one statement, level by level only where the database
//! would refuse or miscount otherwise.

use super::{
    Planner,
    dependencies::{Circle, Dependencies, Taken},
    rows_of,
};
use crate::{
    collections::{HashMap, IndexMap},
    database::Checks,
    error::Result,
    flush::{
        collect::version_column,
        foreign_key::ForeignKey,
        graph::{Edge, circles, levels},
        plan::{Action, Delete, Step, Why},
    },
    schema::{EntityDef, OnAction, RelationKind},
    value::{ComparableKey, Value},
};

/// The keys of rows whose foreign keys become NULL, by entity and columns.
type Clears = IndexMap<(usize, Vec<usize>), (&'static EntityDef, Vec<Vec<Value>>)>;

impl Planner<'_> {
    /// Deletes the rows of some entities of one component, which go.
    pub(super) fn delete_component(&mut self, entities: &[usize], why: Why) -> Result<()> {
        let rows: Vec<usize> = rows_of(&self.gone, entities).collect();
        if rows.is_empty() {
            return Ok(());
        }
        self.delete_pairs_of(entities);
        let keys = self.keys_within(entities);
        let mut referrers = self.referrers(&rows, &keys);
        let mut clears = Clears::default();
        for &key in keys.iter().filter(|key| self.is_post_update(**key) || self.lets_go_first(**key)) {
            let taken = referrers.take_everywhere(key);
            self.clear(&rows, key, &taken, &mut clears);
        }
        let order = loop {
            match levels(&referrers.edges) {
                Ok(order) => break order,
                Err(_) => self.open_circles(&rows, &mut referrers, &mut clears)?,
            }
        };
        let mut clears: Vec<_> = clears.into_iter().collect();
        clears.sort_by(|((one, _), _), ((other, _), _)| self.positions[one].cmp(&self.positions[other]));
        for ((_, columns), (def, mut keys)) in clears {
            keys.sort_by_cached_key(|key| ComparableKey::of(key.iter()));
            let action = Action::ClearForeignKey { def, columns, keys };
            self.steps.push(Step { action, why: Why::OpensCircle });
        }
        let mut batches: IndexMap<(usize, usize), Vec<usize>> = IndexMap::default();
        for (row, level) in rows.iter().zip(&order.level) {
            batches.entry((*level, self.rows.gone[*row].def.index.get())).or_default().push(*row);
        }
        let mut batches: Vec<_> = batches.into_iter().collect();
        batches.sort_by_key(|((level, entity), _)| (*level, self.positions[entity]));
        for ((level, _), rows) in batches {
            let def = self.rows.gone[rows[0]].def;
            let why = if level == 0 { why } else { Why::Level(level) };
            self.steps.push(Step { action: Action::Delete(Delete { def, version: version_column(def), rows }), why });
        }
        Ok(())
    }

    /// The rows of secondary tables go with their owners.
    fn delete_pairs_of(&mut self, entities: &[usize]) {
        for &entity in entities {
            let (def, rows) = (self.entities[entity], &self.gone[entity]);
            let many = def.relations.iter().filter(|relation| relation.kind == RelationKind::ManyToMany);
            for relation in many.filter(|relation| !relation.view_only && !relation.passive_deletes) {
                if !rows.is_empty() {
                    let action = Action::DeletePairsOf { def, relation, rows: rows.clone() };
                    self.steps.push(Step { action, why: Why::Pairs });
                }
            }
        }
    }

    /// Which rows go after which: a parent after its children.
    fn referrers(&self, rows: &[usize], keys: &[usize]) -> Dependencies {
        let mut referrers = Dependencies::new(rows.len());
        for &number in keys {
            let key = &self.keys[number];
            if !key.enforced {
                continue;
            }
            let of = |def: &'static EntityDef| {
                let gone = &self.rows.gone;
                rows.iter().enumerate().filter(move |(_, row)| gone[**row].def.index.get() == def.index.get())
            };
            let parents = of(key.parent)
                .filter_map(|(at, row)| Some((self.base_key(self.rows.gone[*row].object, &key.referenced)?, at)));
            let parents: HashMap<ComparableKey, usize> = parents.collect();
            let lets_go_of_itself = self.keeps_itself(key) && self.can_be_null(number);
            for (child, row) in of(key.child) {
                let parent = self.base_key(self.rows.gone[*row].object, &key.columns).and_then(|key| parents.get(&key));
                if let Some(&parent) = parent.filter(|parent| **parent != child || lets_go_of_itself) {
                    referrers.add(parent, Edge { after: child, step: usize::from(!self.goes_together(key)) }, number);
                }
            }
        }
        referrers
    }

    /// Opens each circle by taking one foreign key of it away first.
    fn open_circles(&self, rows: &[usize], referrers: &mut Dependencies, clears: &mut Clears) -> Result<()> {
        for members in circles(&referrers.edges) {
            let circle = Circle::new(members);
            if referrers.goes_together(&circle) {
                referrers.put_together(&circle);
            } else if let Some(key) = referrers.weakest(&circle, |key| self.can_be_null(key)) {
                let taken = referrers.take(&circle, key);
                self.clear(rows, key, &taken, clears);
            } else {
                let name = |at: usize| {
                    let row = &self.rows.gone[rows[at]];
                    format!("{}[{}]", row.def.name, self.map.store_at(row.object).print_key(row.object.slot))
                };
                let error = referrers.unbreakable(self, &circle, name);
                return Err(error.with_entity(self.rows.gone[rows[circle.members[0]]].def.name));
            }
        }
        Ok(())
    }

    /// Notes that children let go of their parents before either goes.
    fn clear(&self, rows: &[usize], key: usize, taken: &[Taken], clears: &mut Clears) {
        let columns = self.keys[key].nullable_columns();
        for taken in taken {
            let child = &self.rows.gone[rows[taken.after]];
            let known = clears.entry((child.def.index.get(), columns.clone()));
            known.or_insert_with(|| (child.def, Vec::new())).1.push(child.key.clone());
        }
    }

    /// Whether rows of one table let go of each other before they go. Where the database checks row by row, or does not count what
    /// cascades, that is one statement more, instead of one for each level.
    fn lets_go_first(&self, key: usize) -> bool {
        let definition = &self.keys[key];
        let is_refused = self.keeps_itself(definition) && definition.on_delete == OnAction::NoAction;
        (is_refused || self.goes_uncounted(definition)) && self.can_be_null(key)
    }

    /// Whether a statement does not count rows of its own that it takes along by this key: one that is gone would not be noticed.
    fn goes_uncounted(&self, key: &ForeignKey) -> bool {
        self.checks != Checks::AtStatementEnd
            && key.child.index.get() == key.parent.index.get()
            && key.on_delete == OnAction::Cascade
    }

    /// Whether even a row that refers to itself cannot go as long as it does.
    fn keeps_itself(&self, key: &ForeignKey) -> bool {
        self.checks == Checks::RowByRow
            && key.child.index.get() == key.parent.index.get()
            && matches!(key.on_delete, OnAction::NoAction | OnAction::Restrict)
    }

    /// Whether one statement may delete a parent and its child of the same table: constraints are checked at its end, unless
    /// they restrict; and rows that the database deletes of its own are not counted, which a version check would take for stale.
    fn goes_together(&self, key: &ForeignKey) -> bool {
        key.child.index.get() == key.parent.index.get()
            && match key.on_delete {
                OnAction::Restrict => false,
                OnAction::Cascade => version_column(key.child).is_none() && !self.goes_uncounted(key),
                OnAction::NoAction => self.checks != Checks::RowByRow,
                OnAction::SetNull | OnAction::SetDefault => true,
            }
    }
}
