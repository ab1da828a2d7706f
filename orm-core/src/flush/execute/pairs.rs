//! Rows of secondary tables.

use super::Execution;
use crate::{
    error::{Error, ErrorKind, Result},
    flush::{plan::Pairs, rows::PairKey},
    loading::fetch_count,
    query::sql::{InsertShape, count_pairs},
    value::{ComparableKey, Value},
};

impl Execution<'_> {
    /// Inserts pairs. One that is there already stays as it is; one that is kept out by anything else is an error.
    pub(super) async fn insert_pairs(&mut self, pairs: &Pairs) -> Result<()> {
        let values = self.pair_values(pairs)?;
        let shape = InsertShape::secondary(pairs.owner, pairs.relation);
        let sent = pairs.rows.len() as u64;
        let inserted = match self.execute_all(shape.statements(self.texts, pairs.rows.len(), values)).await {
            // MySQL tells it by itself, and of no table.
            Err(error) if error.kind() == ErrorKind::UniqueViolation => return Err(kept_out(pairs).with_source(error)),
            sent => sent?,
        };
        if inserted < sent && self.count_pairs(pairs).await? < sent {
            return Err(kept_out(pairs));
        }
        Ok(())
    }

    async fn count_pairs(&mut self, pairs: &Pairs) -> Result<u64> {
        let values = self.pair_values(pairs)?;
        let mut found = 0;
        for batch in count_pairs(self.texts.dialect(), pairs.owner, pairs.relation, &values) {
            found += fetch_count(self.connection, &super::statement(batch)).await?;
        }
        Ok(found)
    }

    /// The keys of both sides, row by row in the order of the keys: whoever writes the same pairs waits for the first of them.
    pub(super) fn pair_values(&self, pairs: &Pairs) -> Result<Vec<Value>> {
        let pair = |row: &usize| -> Result<Vec<Value>> {
            let row = &self.plan.rows.pairs[*row];
            let mut values = Vec::new();
            for key in [&row.owner_key, &row.target_key] {
                match key {
                    PairKey::Known(key) => values.extend(key.iter().cloned()),
                    PairKey::Inserted(row) => values.extend(self.new_key(*row)?),
                }
            }
            Ok(values)
        };
        let mut pairs = pairs.rows.iter().map(pair).collect::<Result<Vec<_>>>()?;
        pairs.sort_by_cached_key(|pair| ComparableKey::of(pair.iter()));
        Ok(pairs.into_iter().flatten().collect())
    }
}

fn kept_out(pairs: &Pairs) -> Error {
    let table = pairs.relation.secondary.as_ref().map_or("", |secondary| secondary.table);
    let what = format!(
        "a pair was not inserted into `{table}` and is not there: another constraint or a rule of that table keeps it out"
    );
    Error::new(ErrorKind::UniqueViolation, what).with_attribute(pairs.relation.name)
}
