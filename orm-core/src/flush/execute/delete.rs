//! DELETEs: counted where there is a version.

use super::{
    Execution,
    stale::{some_of, stale},
};
use crate::{
    collections::HashMap,
    error::{Error, Result},
    flush::{order::has_exact_key, plan::Delete, rows::GoneRow},
    query::sql::DeleteShape,
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
        let count = self.execute_all(shape.statements(self.texts, &keys)).await?;
        if delete.version.is_some() && count < rows.len() as u64 {
            return Err(self.not_deleted(delete, &rows).await?);
        }
        Ok(())
    }

    /// Some rows were not deleted: those that are there still have another version.
    async fn not_deleted(&mut self, delete: &Delete, rows: &[&GoneRow]) -> Result<Error> {
        let def = delete.def;
        let keys: Vec<Vec<Value>> = rows.iter().map(|row| row.key.clone()).collect();
        if let (Some(version), true) = (delete.version, has_exact_key(def)) {
            let columns: Vec<usize> = def.primary_key.iter().copied().chain([version]).collect();
            let flat: Vec<Value> = keys.iter().flatten().cloned().collect();
            let found = self.look_up_current(def, &flat, &columns).await?;
            let found: HashMap<ComparableKey, &Value> = found
                .iter()
                .filter_map(|row| row.split_last().and_then(|(version, key)| Some((ComparableKey::of(key)?, version))))
                .collect();
            for row in rows {
                if let Some(now) = ComparableKey::of(&row.key).and_then(|key| found.get(&key)) {
                    let expected =
                        row.version.as_ref().map_or_else(String::new, |read| print_values(std::slice::from_ref(read)));
                    let what = format!(
                        "cannot be deleted: the row is at version {} and {expected} was expected, someone else changed it since it was read",
                        print_values(std::slice::from_ref(now)),
                    );
                    return Ok(stale(def, print_values(&row.key), &what));
                }
            }
        }
        Ok(match rows {
            [row] => {
                let expected =
                    row.version.as_ref().map_or_else(String::new, |read| print_values(std::slice::from_ref(read)));
                stale(
                    def,
                    print_values(&row.key),
                    &format!("the row, expected at version {expected}, is gone: someone else deleted it"),
                )
            }
            _ => some_of(def, &keys),
        })
    }
}
