//! INSERTs where the database gives nothing back with the rows: it tells the key that it generated, and the rest is read by key.

use super::{Execution, by_key, insert::check_count, named};
use crate::{
    database::GeneratedKeys,
    error::{Error, ErrorKind, Result},
    flush::{
        order::has_exact_key,
        plan::{Insert, Matching},
    },
    loading::column_error,
    query::sql::{Batch, InsertShape},
    schema::{EntityDef, Generation},
    value::{ColumnError, ComparableKey, Raw, Value},
};

/// How often the step of generated keys is asked for in one flush of a table before the server's error is given to the program.
const MOST_RENEWALS: usize = 3;

impl Execution<'_> {
    pub(super) async fn insert_and_read(&mut self, insert: &Insert) -> Result<()> {
        let generated = generated_key(insert)?;
        let mut left = insert.rows.as_slice();
        let mut renewals = 0;
        while !left.is_empty() {
            let (step, together) = match (generated, self.connection.capabilities().generated_keys) {
                (None, _) => (1, left.len()),
                (_, GeneratedKeys::Consecutive { step }) => (step, left.len()),
                (_, GeneratedKeys::Returned | GeneratedKeys::OneByOne) => (1, 1),
            };
            let shape = InsertShape::new(insert.def, &insert.columns, &[]);
            let shape = match generated {
                Some(column) => shape.counting(insert.def, column, step),
                None => shape,
            };
            let values = self.new_values(&left[..together])?;
            for batch in shape.statements(self.texts, together, values) {
                let (these, others) = left.split_at(batch.rows);
                match self.insert_batch(insert, these, batch, generated, step).await {
                    Ok(()) => left = others,
                    Err(error) if these.len() > 1 && self.counts_otherwise(&error, &mut renewals).await? => break,
                    Err(error) => return Err(error),
                }
            }
        }
        self.read_inserted(insert).await
    }

    async fn insert_batch(
        &mut self,
        insert: &Insert,
        rows: &[usize],
        batch: Batch,
        generated: Option<usize>,
        step: u64,
    ) -> Result<()> {
        let count = self.connection.execute(&super::statement(batch)).await?;
        check_count(insert.def, rows.len(), usize::try_from(count).unwrap_or(usize::MAX))?;
        let Some(column) = generated else { return Ok(()) };
        let first = self.connection.last_insert_id().ok_or_else(|| no_key(insert.def))?;
        let store = self.map.store_of(insert.def);
        for (at, row) in (0_u64..).zip(rows) {
            let key = i64::try_from(first + at * step).map_err(|_| no_key(insert.def))?;
            let key = store.decode_value(column, Raw::Integer(key));
            let key = key.map_err(|error| column_error(insert.def, &ColumnError { column, error }))?;
            self.results.inserted[*row] = vec![(column, key)];
        }
        Ok(())
    }

    /// Whether an INSERT was refused because the server counts keys by another step than was known; it is known then. Nothing was
    /// written: the statement can go out again.
    async fn counts_otherwise(&mut self, error: &Error, renewals: &mut usize) -> Result<bool> {
        if error.kind() != ErrorKind::Value || *renewals == MOST_RENEWALS {
            return Ok(false);
        }
        *renewals += 1;
        self.connection.renew_step().await
    }

    /// Reads by key what else the database made of the rows: one statement for all of them.
    async fn read_inserted(&mut self, insert: &Insert) -> Result<()> {
        let def = insert.def;
        if insert.returning.iter().all(|column| def.primary_key.contains(column)) {
            return Ok(());
        }
        // Rows that cannot be told apart by their keys are read one by one.
        let together = if has_exact_key(def) { insert.rows.len().max(1) } else { 1 };
        let mut columns = insert.returning.clone();
        columns.extend(def.primary_key.iter().filter(|column| !insert.returning.contains(column)));
        let key_cells: Vec<usize> =
            def.primary_key.iter().filter_map(|key| columns.iter().position(|column| column == key)).collect();
        for rows in insert.rows.chunks(together) {
            let keys = rows.iter().map(|row| self.new_key(*row)).collect::<Result<Vec<_>>>()?;
            let places = by_key(keys.iter().map(Vec::as_slice));
            let flat: Vec<Value> = keys.iter().flatten().cloned().collect();
            let found = self.look_up(def, &flat, &columns).await?;
            check_count(def, rows.len(), found.len())?;
            for row in found {
                let place = match rows {
                    [_] => Some(0),
                    _ => ComparableKey::of(key_cells.iter().map(|cell| &row[*cell]))
                        .and_then(|key| places.get(&key).copied()),
                };
                let place = place.ok_or_else(|| no_key(def))?;
                self.results.inserted[rows[place]] = named(&columns, row);
            }
        }
        Ok(())
    }
}

/// The one column of the key that the database counts up; `None` where all of the key is given.
fn generated_key(insert: &Insert) -> Result<Option<usize>> {
    let def = insert.def;
    if let Matching::Ascending(column) = insert.matching {
        return Ok(Some(column));
    }
    let absent: Vec<usize> =
        def.primary_key.iter().copied().filter(|column| !insert.columns.contains(column)).collect();
    match absent[..] {
        [] => Ok(None),
        [column] if def.columns[column].generation == Generation::Database => Ok(Some(column)),
        _ => Err(Error::new(
            ErrorKind::Unsupported,
            "this database does not tell the key that it made, unless it is one integer that it counts up; nothing was sent. Set the key, \
             or give it a `default`",
        )
        .with_entity(def.name)),
    }
}

#[cold]
fn no_key(def: &EntityDef) -> Error {
    Error::new(
        ErrorKind::Database,
        format!(
            "rows were inserted into `{}` and the database did not tell their keys: the column is not AUTO_INCREMENT, or a trigger \
             changes it",
            def.table
        ),
    )
}
