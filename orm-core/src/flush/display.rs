//! The plan as people read it: one line for each step.

use std::fmt::{self, Display, Formatter};

use super::{
    plan::{Action, FlushPlan, Matching, Step, Why},
    rows::{Cell, ChangedKey, Columns, cell_of},
};
use crate::{
    schema::{EntityDef, RelationDef},
    value::print_values,
};

/// How many keys a line shows.
const SHOWN: usize = 5;

impl Display for FlushPlan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("nothing to send\n");
        }
        for (number, step) in self.steps.iter().enumerate() {
            write!(f, "{}. ", number + 1)?;
            self.step(f, step)?;
            writeln!(f, "{}", reason(step.why))?;
        }
        Ok(())
    }
}

impl FlushPlan {
    fn step(&self, f: &mut Formatter<'_>, step: &Step) -> fmt::Result {
        match &step.action {
            Action::Insert(insert) => {
                write!(
                    f,
                    "INSERT {} ({}) {}",
                    insert.def.table,
                    names(insert.def, &insert.columns),
                    rows(insert.rows.len())
                )?;
                let cells = insert.rows.iter().map(|row| &self.rows.new[*row].cells);
                if let Some(parents) = self.parents(insert.def, cells, &insert.columns) {
                    write!(f, ", {parents}")?;
                }
                match insert.matching {
                    Matching::Nothing => Ok(()),
                    Matching::Key | Matching::Ascending(_) => write!(f, " -> {}", names(insert.def, &insert.returning)),
                    Matching::RowByRow => write!(f, " -> {}, row by row", names(insert.def, &insert.returning)),
                }
            }
            Action::Update(update) => {
                write!(
                    f,
                    "UPDATE {} ({}) {}",
                    update.def.table,
                    names(update.def, &update.columns),
                    rows(update.rows.len())
                )?;
                let keys = update.rows.iter().map(|row| match &self.rows.changed[*row].key {
                    ChangedKey::Known(key) => print_values(key),
                    ChangedKey::Inserted(row) => format!("new row {}", row + 1),
                });
                write!(f, " [{}]", shown(keys))?;
                let cells = update.rows.iter().map(|row| &self.rows.changed[*row].cells);
                if let Some(parents) = self.parents(update.def, cells, &update.columns) {
                    write!(f, ", {parents}")?;
                }
                if update.version.is_some() {
                    f.write_str(", version checked")?;
                }
                if !update.returning.is_empty() {
                    write!(f, " -> {}", names(update.def, &update.returning))?;
                }
                Ok(())
            }
            Action::Delete(delete) => {
                write!(f, "DELETE {} {}", delete.def.table, rows(delete.rows.len()))?;
                write!(f, " [{}]", shown(delete.rows.iter().map(|row| print_values(&self.rows.gone[*row].key))))?;
                if delete.version.is_some() { f.write_str(", version checked") } else { Ok(()) }
            }
            Action::ClearForeignKey { def, columns, keys } => {
                write!(f, "UPDATE {} ({} = NULL) {}", def.table, names(def, columns), rows(keys.len()))?;
                write!(f, " [{}]", shown(keys.iter().map(|key| print_values(key))))
            }
            Action::InsertPairs(pairs) => write!(f, "INSERT {} {}", secondary(pairs.relation), rows(pairs.rows.len())),
            Action::DeletePairs(pairs) => write!(f, "DELETE {} {}", secondary(pairs.relation), rows(pairs.rows.len())),
            Action::DeletePairsOf { def, relation, rows } => {
                let keys = rows.iter().map(|row| print_values(&self.rows.gone[*row].key));
                write!(f, "DELETE {} of {} [{}]", secondary(relation), def.table, shown(keys))
            }
        }
    }

    /// Which of the columns take the keys of new rows.
    fn parents<'c>(
        &self,
        def: &EntityDef,
        cells: impl Iterator<Item = &'c Columns> + Clone,
        columns: &[usize],
    ) -> Option<String> {
        let mut parents = Vec::new();
        for &column in columns {
            let from = cells.clone().find_map(|cells| match cell_of(cells, column) {
                Some(Cell::KeyOf { row, .. }) => Some(self.rows.new[*row].def),
                _ => None,
            });
            if let Some(from) = from {
                parents.push(format!("{} from new {}", def.columns[column].name, from.table));
            }
        }
        (!parents.is_empty()).then(|| parents.join(", "))
    }
}

fn names(def: &EntityDef, columns: &[usize]) -> String {
    columns.iter().map(|column| def.columns[*column].name).collect::<Vec<_>>().join(", ")
}

fn rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

fn secondary(relation: &RelationDef) -> &'static str {
    relation.secondary.as_ref().map_or(relation.name, |secondary| secondary.table)
}

fn shown(keys: impl ExactSizeIterator<Item = String>) -> String {
    let more = keys.len().saturating_sub(SHOWN);
    let mut text = keys.take(SHOWN).collect::<Vec<_>>().join("; ");
    if more > 0 {
        text.push_str(&format!("; {more} more"));
    }
    text
}

fn reason(why: Why) -> String {
    match why {
        Why::ForeignKeys => String::new(),
        Why::Level(level) => format!("  (level {level} of rows that refer to each other)"),
        Why::FreesUniqueValue => "  (first: it frees a unique value that another row takes)".to_owned(),
        Why::RefersToNewRows => "  (after the rows that it refers to)".to_owned(),
        Why::ClosesCircle => "  (closes a circle of new rows)".to_owned(),
        Why::OpensCircle => "  (opens a circle of rows that go)".to_owned(),
        Why::Pairs => "  (many-to-many)".to_owned(),
    }
}
