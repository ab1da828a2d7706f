//! UPDATEs: the rows that were to change are counted, and the one that is not as it was read is named.

use super::{Execution, by_key, named};
use crate::{
    collections::HashSet,
    error::{Error, ErrorKind, Result},
    flush::{
        order::has_exact_key,
        plan::Update,
        row_key::RowKey,
        rows::{ChangedKey, ChangedRow},
    },
    query::sql::UpdateShape,
    schema::EntityDef,
    value::{Value, print_values},
};

impl Execution<'_> {
    pub(super) async fn update(&mut self, update: &Update) -> Result<()> {
        let shape = UpdateShape::new(update.def, &update.columns, update.version, &update.returning);
        // Rows that cannot be told apart by the key that comes back go one by one.
        let returns = !update.returning.is_empty();
        let length = if returns && !has_exact_key(update.def) { 1 } else { update.rows.len().max(1) };
        for rows in update.rows.chunks(length) {
            self.update_rows(update, &shape, rows).await?;
        }
        Ok(())
    }

    async fn update_rows(&mut self, update: &Update, shape: &UpdateShape, rows: &[usize]) -> Result<()> {
        let mut values = Vec::new();
        let mut keys = Vec::with_capacity(rows.len());
        for &row in rows {
            let changed = &self.plan.rows.changed[row];
            for (_, cell) in &changed.cells {
                values.push(self.resolve(cell)?);
            }
            let key = self.changed_key(changed)?;
            values.extend(key.iter().cloned());
            values.extend(changed.version.iter().filter(|_| update.version.is_some()).cloned());
            keys.push(key);
        }
        let store = self.map.store_of(update.def);
        let mut at = 0;
        for batch in shape.statements(self.texts, rows.len(), values) {
            let (these, keys) = (&rows[at..at + batch.rows], &keys[at..at + batch.rows]);
            at += batch.rows;
            if update.returning.is_empty() {
                let count = self.connection.execute(&super::statement(batch)).await?;
                if count < these.len() as u64 {
                    return Err(self.vanished(update, these, keys).await?);
                }
                continue;
            }
            let returned = self.fetch(batch, store, &update.returning).await?;
            self.keep_returned(update, these, keys, returned)?;
        }
        Ok(())
    }

    fn keep_returned(
        &mut self,
        update: &Update,
        rows: &[usize],
        keys: &[Vec<Value>],
        returned: Vec<Vec<Value>>,
    ) -> Result<()> {
        let sent = by_key(keys.iter().map(Vec::as_slice));
        let cells: Option<Vec<usize>> =
            update.def.primary_key.iter().map(|key| update.returning.iter().position(|column| column == key)).collect();
        let mut seen = HashSet::new();
        for row in returned {
            let at = match &cells {
                Some(cells) => RowKey::of(cells.iter().map(|cell| &row[*cell])).and_then(|key| sent.get(&key).copied()),
                None => Some(0),
            };
            if let Some(at) = at
                && seen.insert(at)
            {
                self.results.updated[rows[at]] = named(&update.returning, row);
            }
        }
        match (0..rows.len()).find(|at| !seen.contains(at)) {
            None => Ok(()),
            Some(at) => Err(self.stale(update.def, rows[at], &keys[at])),
        }
    }

    fn changed_key(&self, row: &ChangedRow) -> Result<Vec<Value>> {
        match &row.key {
            ChangedKey::Known(key) => Ok(key.clone()),
            ChangedKey::Inserted(row) => self.new_key(*row),
        }
    }

    /// Some of these rows were not found: which?
    async fn vanished(&mut self, update: &Update, rows: &[usize], keys: &[Vec<Value>]) -> Result<Error> {
        if rows.len() == 1 || !has_exact_key(update.def) || update.version.is_some() {
            return Ok(match (rows, keys) {
                ([row], [key]) => self.stale(update.def, *row, key),
                _ => some_of(update.def, keys),
            });
        }
        let flat: Vec<Value> = keys.iter().flatten().cloned().collect();
        let found = self.look_up(update.def, &flat, update.def.primary_key).await?;
        let found: HashSet<RowKey> = found.iter().filter_map(RowKey::of).collect();
        let gone = keys.iter().position(|key| RowKey::of(key).is_none_or(|key| !found.contains(&key)));
        Ok(gone.map_or_else(|| some_of(update.def, keys), |at| self.stale(update.def, rows[at], &keys[at])))
    }

    fn stale(&self, def: &'static EntityDef, row: usize, key: &[Value]) -> Error {
        let what = match &self.plan.rows.changed[row].version {
            Some(version) => format!(
                "the row is not at version {} any more: someone else changed or deleted it since it was read",
                print_values(std::slice::from_ref(version))
            ),
            None => "the row is gone: someone else deleted it since it was read".to_owned(),
        };
        stale(def, print_values(key), &what)
    }
}

/// Some row of several is stale, and which one cannot be told.
pub(super) fn some_of(def: &'static EntityDef, keys: &[Vec<Value>]) -> Error {
    let shown: Vec<String> = keys.iter().take(10).map(|key| print_values(key)).collect();
    let more = if keys.len() > shown.len() { format!(" and {} more", keys.len() - shown.len()) } else { String::new() };
    stale(
        def,
        format!("{}{more}", shown.join("; ")),
        "one of these rows is gone or not at the version that was read: someone else changed or deleted it",
    )
}

pub(super) fn stale(def: &'static EntityDef, key: String, what: &str) -> Error {
    Error::new(
        ErrorKind::StaleData,
        format!("{what}. Nothing of this flush remains: roll back, read the row again and decide anew (or try the whole transaction again)"),
    )
    .with_entity(def.name)
    .with_key(key)
}
