//! Which row is stale, where an UPDATE or a DELETE found fewer rows than were sent.

use super::Execution;
use crate::{
    collections::{HashMap, HashSet},
    error::{Error, ErrorKind, Result},
    flush::{order::has_exact_key, plan::Update},
    schema::EntityDef,
    value::{ComparableKey, Value, print_values},
};

impl Execution<'_> {
    /// So many of these rows were not found by their UPDATE: which?
    pub(super) async fn not_updated(
        &mut self,
        update: &Update,
        rows: &[usize],
        keys: &[Vec<Value>],
        missing: usize,
    ) -> Result<Error> {
        if let ([row], [key]) = (rows, keys) {
            return Ok(self.stale(update.def, *row, key));
        }
        if !has_exact_key(update.def) {
            return Ok(some_of(update.def, keys));
        }
        let now = self.keys_now(update.def, rows, keys)?;
        let stale = match update.version {
            Some(version) => self.outdated(update, version, rows, &now, missing).await?,
            None => self.gone(update.def, &now).await?,
        };
        Ok(stale.map_or_else(|| some_of(update.def, keys), |at| self.stale(update.def, rows[at], &keys[at])))
    }

    /// The first of these rows that is not there.
    async fn gone(&mut self, def: &'static EntityDef, keys: &[Vec<Value>]) -> Result<Option<usize>> {
        let flat: Vec<Value> = keys.iter().flatten().cloned().collect();
        let found = self.look_up_current(def, &flat, def.primary_key).await?;
        let found: HashSet<ComparableKey> = found.iter().filter_map(ComparableKey::of).collect();
        Ok(keys.iter().position(|key| ComparableKey::of(key).is_none_or(|key| !found.contains(&key))))
    }

    /// The first of these rows that was not at the version that was read. What was updated is at the next one now, and so may be what
    /// somebody else changed meanwhile: that has other values than were sent. The database may keep a value otherwise than it was
    /// sent, so values tell only where just as many rows differ as were not found.
    async fn outdated(
        &mut self,
        update: &Update,
        version: usize,
        rows: &[usize],
        keys: &[Vec<Value>],
        missing: usize,
    ) -> Result<Option<usize>> {
        let def = update.def;
        let width = def.primary_key.len();
        let columns: Vec<usize> = def.primary_key.iter().chain(&update.columns).copied().collect();
        let flat: Vec<Value> = keys.iter().flatten().cloned().collect();
        let found = self.look_up(def, &flat, &columns).await?;
        let found: HashMap<ComparableKey, &[Value]> = found
            .iter()
            .map(|row| row.split_at(width))
            .filter_map(|(key, cells)| Some((ComparableKey::of(key)?, cells)))
            .collect();
        let mut different = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            let Some(there) = ComparableKey::of(key).and_then(|key| found.get(&key).copied()) else {
                return Ok(Some(at));
            };
            let mut same = true;
            for ((column, cell), there) in self.plan.rows.changed[rows[at]].cells.iter().zip(there) {
                if !equal(&self.resolve(cell)?, there) {
                    if *column == version {
                        return Ok(Some(at));
                    }
                    same = false;
                }
            }
            if !same {
                different.push(at);
            }
        }
        Ok(different.first().copied().filter(|_| different.len() == missing))
    }

    pub(super) fn stale(&self, def: &'static EntityDef, row: usize, key: &[Value]) -> Error {
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

/// Whether two values of one column are the same, whatever the width of their integers; NULL is the same as NULL.
fn equal(one: &Value, other: &Value) -> bool {
    ComparableKey::of([one]) == ComparableKey::of([other])
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
