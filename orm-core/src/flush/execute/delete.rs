//! DELETEs: the rows that were to go are counted, and where one is not as it was read, it is named.

use super::{
    Execution,
    stale::{some_of, stale},
};
use crate::{
    collections::HashMap,
    error::{Error, ErrorKind, Result},
    flush::{order::has_exact_key, plan::Delete, rows::GoneRow},
    query::sql::DeleteShape,
    schema::EntityDef,
    value::{ComparableKey, Value, print_values},
};

impl Execution<'_> {
    pub(super) async fn delete(&mut self, delete: &Delete) -> Result<()> {
        let rows: Vec<&GoneRow> = delete.rows.iter().map(|row| &self.plan.rows.gone[*row]).collect();
        let mut keys = Vec::with_capacity(rows.len() * (delete.def.primary_key.len() + 1));
        for row in &rows {
            keys.extend(row.key.iter().cloned());
            keys.extend(row.version.iter().filter(|_| delete.version.is_some()).cloned());
        }
        let shape = DeleteShape::new(delete.def, delete.version);
        let mut left = &rows[..];
        for batch in shape.statements(self.texts, &keys) {
            let (these, others) = left.split_at(batch.rows);
            left = others;
            let count = self.connection.execute(&super::statement(batch)).await?;
            if count < these.len() as u64 {
                return Err(self.not_deleted(delete, these).await?);
            }
        }
        Ok(())
    }

    /// Some rows were not deleted. Those that are there still have another version, or are kept by something in the database; which of
    /// the others was gone before, only a single one tells.
    async fn not_deleted(&mut self, delete: &Delete, rows: &[&GoneRow]) -> Result<Error> {
        let def = delete.def;
        let keys: Vec<Vec<Value>> = rows.iter().map(|row| row.key.clone()).collect();
        if has_exact_key(def) {
            let columns: Vec<usize> = def.primary_key.iter().copied().chain(delete.version).collect();
            let flat: Vec<Value> = keys.iter().flatten().cloned().collect();
            let found = self.look_up_current(def, &flat, &columns).await?;
            let found: HashMap<ComparableKey, &[Value]> = found
                .iter()
                .map(|row| row.split_at(def.primary_key.len()))
                .filter_map(|(key, version)| Some((ComparableKey::of(key)?, version)))
                .collect();
            for row in rows {
                if let Some(now) = ComparableKey::of(&row.key).and_then(|key| found.get(&key)) {
                    return Ok(still_there(def, row, now));
                }
            }
        }
        Ok(match rows {
            [row] => {
                let expected = match &row.version {
                    Some(read) => format!(", expected at version {},", print_values(std::slice::from_ref(read))),
                    None => String::new(),
                };
                let what = format!(
                    "the row{expected} is gone: someone else deleted it, or a constraint that no entity declares (`on_delete`) did"
                );
                stale(def, print_values(&row.key), &what)
            }
            _ => some_of(def, &keys),
        })
    }
}

/// A row that its DELETE left where it is. `now`: its version, where there is one.
fn still_there(def: &'static EntityDef, row: &GoneRow, now: &[Value]) -> Error {
    match &row.version {
        Some(read) => {
            let what = format!(
                "cannot be deleted: the row is at version {} and {} was expected, someone else changed it since it was read",
                print_values(now),
                print_values(std::slice::from_ref(read)),
            );
            stale(def, print_values(&row.key), &what)
        }
        None => Error::new(
            ErrorKind::Database,
            format!(
                "the row was deleted from `{}` and is still there: a trigger or a rule of the table keeps it",
                def.table
            ),
        )
        .with_entity(def.name)
        .with_key(print_values(&row.key)),
    }
}
