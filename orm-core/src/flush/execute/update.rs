//! UPDATEs: the rows that were to change are counted, and the one that is not as it was read is named.

use super::{Execution, by_key, named};
use crate::{
    collections::HashSet,
    error::Result,
    flush::{
        order::has_exact_key,
        plan::Update,
        rows::{ChangedKey, ChangedRow, cell_of},
    },
    query::sql::UpdateShape,
    schema::EntityDef,
    value::{ComparableKey, Value},
};

impl Execution<'_> {
    pub(super) async fn update(&mut self, update: &Update) -> Result<()> {
        let with_rows = self.connection.capabilities().update_returning;
        let returning = if with_rows { update.returning.as_slice() } else { &[] };
        let shape = UpdateShape::new(update.def, &update.columns, update.version, returning);
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
            let with_rows = self.connection.capabilities().update_returning;
            if update.returning.is_empty() || !with_rows {
                let count = self.connection.execute(&super::statement(batch)).await?;
                let missing = these.len().saturating_sub(usize::try_from(count).unwrap_or(usize::MAX));
                if missing > 0 {
                    return Err(self.not_updated(update, these, keys, missing).await?);
                }
                self.read_updated(update, these, keys).await?;
                continue;
            }
            let returned = self.fetch(batch, store, &update.returning).await?;
            self.keep_returned(update, these, keys, returned)?;
        }
        Ok(())
    }

    /// Reads by key what the database made of rows that did not come back.
    async fn read_updated(&mut self, update: &Update, rows: &[usize], keys: &[Vec<Value>]) -> Result<()> {
        let def = update.def;
        if update.returning.iter().all(|column| def.primary_key.contains(column)) {
            return Ok(());
        }
        let now = self.keys_now(def, rows, keys)?;
        let flat: Vec<Value> = now.iter().flatten().cloned().collect();
        let found = self.look_up(def, &flat, &update.returning).await?;
        self.keep_returned(update, rows, &now, found)
    }

    /// The keys of these rows once they are updated: a key may be among what changed.
    pub(super) fn keys_now(
        &self,
        def: &'static EntityDef,
        rows: &[usize],
        keys: &[Vec<Value>],
    ) -> Result<Vec<Vec<Value>>> {
        let key_now = |(row, key): (&usize, &Vec<Value>)| {
            let cells = &self.plan.rows.changed[*row].cells;
            let part = |(column, was): (&usize, &Value)| match cell_of(cells, *column) {
                Some(cell) => self.resolve(cell),
                None => Ok(was.clone()),
            };
            def.primary_key.iter().zip(key).map(part).collect()
        };
        rows.iter().zip(keys).map(key_now).collect()
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
                Some(cells) => {
                    ComparableKey::of(cells.iter().map(|cell| &row[*cell])).and_then(|key| sent.get(&key).copied())
                }
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
}
