//! Sends the steps of a plan and keeps what came back. Nothing in memory changes here: a flush that fails, or is dropped
//! halfway, leaves every object as it was.

mod delete;
mod insert;
mod insert_and_read;
mod pairs;
mod stale;
mod update;

use std::sync::Arc;

use super::{
    plan::{Action, FlushPlan},
    rows::{Cell, cell_of},
};
use crate::{
    collections::HashMap,
    database::{Cells, Connection, Reads, Statement},
    error::{Error, ErrorKind, Result},
    identity::IdentityMap,
    loading::column_error,
    query::sql::{Batch, DeleteShape, Lock, LockStrength, LockWait, Select, SetNullShape, TextCache, select_by_key},
    schema::EntityDef,
    state::AnyStore,
    value::{ColumnError, ComparableKey, Value},
};

/// What the database made, row by row.
#[derive(Debug)]
pub(super) struct Results {
    /// For each of the new rows.
    pub(super) inserted: Vec<Vec<(usize, Value)>>,
    /// For each of the changed rows.
    pub(super) updated: Vec<Vec<(usize, Value)>>,
}

/// Sends everything.
pub(super) async fn execute(
    map: &IdentityMap,
    connection: &mut Connection,
    texts: &TextCache,
    plan: &FlushPlan,
) -> Result<Results> {
    let mut execution = Execution { map, connection, texts, plan, results: Results::nothing(plan) };
    for step in &plan.steps {
        let def = entity_of(&step.action);
        execution.step(&step.action).await.map_err(|error| error.of_entity(def.name).with_columns_of(def))?;
    }
    Ok(execution.results)
}

struct Execution<'e> {
    map: &'e IdentityMap,
    connection: &'e mut Connection,
    texts: &'e TextCache,
    plan: &'e FlushPlan,
    results: Results,
}

impl Execution<'_> {
    async fn step(&mut self, action: &Action) -> Result<()> {
        match action {
            Action::Insert(insert) => self.insert(insert).await,
            Action::Update(update) => self.update(update).await,
            Action::Delete(delete) => self.delete(delete).await,
            Action::ClearForeignKey { def, columns, keys } => {
                let keys: Vec<Value> = keys.iter().flatten().cloned().collect();
                let shape = SetNullShape::new(def, columns, def.primary_key);
                self.execute_all(shape.statements(self.texts.dialect(), &keys)).await.map(drop)
            }
            Action::InsertPairs(pairs) => self.insert_pairs(pairs).await,
            Action::DeletePairs(pairs) => {
                let values = self.pair_values(pairs)?;
                let shape = DeleteShape::secondary(pairs.owner, pairs.relation);
                self.execute_all(shape.statements(self.texts, &values)).await.map(drop)
            }
            Action::DeletePairsOf { def, relation, rows } => {
                let keys: Vec<Value> = rows.iter().flat_map(|row| self.plan.rows.gone[*row].key.clone()).collect();
                let shape = DeleteShape::secondary_of_owner(def, relation);
                self.execute_all(shape.statements(self.texts, &keys)).await.map(drop)
            }
        }
    }

    /// The key of a row that was inserted.
    fn new_key(&self, row: usize) -> Result<Vec<Value>> {
        let key = self.plan.rows.new[row].def.primary_key;
        key.iter().map(|column| self.results.value_of_new(self.plan, row, *column)).collect()
    }

    fn resolve(&self, cell: &Cell) -> Result<Value> {
        self.results.resolve(self.plan, cell)
    }

    async fn execute_all(&mut self, batches: Vec<Batch>) -> Result<u64> {
        let mut rows = 0;
        for batch in batches {
            rows += self.connection.execute(&statement(batch)).await?;
        }
        Ok(rows)
    }

    /// Sends a statement and gives the rows that come back.
    async fn fetch(&mut self, batch: Batch, store: &dyn AnyStore, columns: &[usize]) -> Result<Vec<Vec<Value>>> {
        let mut rows = Vec::with_capacity(batch.rows);
        let each = &mut |cells: &Cells<'_>| {
            rows.push(decode(store, columns, cells)?);
            Ok(())
        };
        self.connection.fetch(&statement(batch), each).await?;
        Ok(rows)
    }

    /// Which of these rows are there, and what they have in these columns; where the database reads a snapshot, as they were when it
    /// was taken, and as this transaction changed them since.
    async fn look_up(&mut self, def: &'static EntityDef, keys: &[Value], columns: &[usize]) -> Result<Vec<Vec<Value>>> {
        self.read_by_key(def, keys, columns, None).await
    }

    /// The same, as the rows are now: what an UPDATE or a DELETE finds.
    async fn look_up_current(
        &mut self,
        def: &'static EntityDef,
        keys: &[Value],
        columns: &[usize],
    ) -> Result<Vec<Vec<Value>>> {
        let lock = match self.connection.backend().reads() {
            Reads::Snapshot => Some(Lock { strength: LockStrength::Share, wait: LockWait::Wait }),
            Reads::Current => None,
        };
        self.read_by_key(def, keys, columns, lock).await
    }

    async fn read_by_key(
        &mut self,
        def: &'static EntityDef,
        keys: &[Value],
        columns: &[usize],
        lock: Option<Lock>,
    ) -> Result<Vec<Vec<Value>>> {
        let store = self.map.store_of(def);
        let select = Select { columns: columns.into(), lock, ..Select::all(def) };
        let keyed = select_by_key(self.texts.dialect(), &select, def.primary_key, keys)?;
        let mut rows = Vec::new();
        for batch in keyed.batches {
            rows.extend(self.fetch(batch, store, columns).await?);
        }
        Ok(rows)
    }
}

impl Results {
    /// Nothing came back yet.
    pub(super) fn nothing(plan: &FlushPlan) -> Self {
        Self { inserted: vec![Vec::new(); plan.rows.new.len()], updated: vec![Vec::new(); plan.rows.changed.len()] }
    }

    /// The value of a cell, once what it refers to is inserted.
    pub(super) fn resolve(&self, plan: &FlushPlan, cell: &Cell) -> Result<Value> {
        match cell {
            Cell::Given(value) | Cell::Made(value) => Ok(value.clone()),
            Cell::KeyOf { row, column } => self.value_of_new(plan, *row, *column),
        }
    }

    /// The value of a column of a new row: given, returned, or the key of another new row in turn.
    pub(super) fn value_of_new(&self, plan: &FlushPlan, mut row: usize, mut column: usize) -> Result<Value> {
        // A key may be made of a parent's, and that of its parent's: never more steps than there are rows.
        for _ in 0..=plan.rows.new.len() {
            match cell_of(&plan.rows.new[row].cells, column) {
                Some(Cell::Given(value) | Cell::Made(value)) => return Ok(value.clone()),
                Some(Cell::KeyOf { row: next, column: of }) => (row, column) = (*next, *of),
                None => {
                    let returned = self.inserted[row].iter().find(|(at, _)| *at == column);
                    return returned
                        .map(|(_, value)| value.clone())
                        .ok_or_else(|| unknown(plan.rows.new[row].def, column));
                }
            }
        }
        Err(unknown(plan.rows.new[row].def, column))
    }
}

fn unknown(def: &'static EntityDef, column: usize) -> Error {
    Error::new(
        ErrorKind::State,
        "a row refers to it by this column, whose value is not known once it is inserted: give the column a value",
    )
    .with_entity(def.name)
    .with_attribute(def.columns[column].field)
}

fn statement(batch: Batch) -> Statement {
    Statement::new(Arc::clone(&batch.sql.text), batch.sql.values)
}

fn decode(store: &dyn AnyStore, columns: &[usize], cells: &Cells<'_>) -> Result<Vec<Value>> {
    let cell = |(cell, column): (usize, &usize)| {
        let value = store.decode_value(*column, cells.raw(cell));
        value.map_err(|error| column_error(store.def(), &ColumnError { column: *column, error }))
    };
    columns.iter().enumerate().map(cell).collect()
}

/// The entity that a step is about.
fn entity_of(action: &Action) -> &'static EntityDef {
    match action {
        Action::Insert(insert) => insert.def,
        Action::Update(update) => update.def,
        Action::Delete(delete) => delete.def,
        Action::ClearForeignKey { def, .. } | Action::DeletePairsOf { def, .. } => def,
        Action::InsertPairs(pairs) | Action::DeletePairs(pairs) => pairs.owner,
    }
}

/// The columns of a returned row, by what they are.
fn named(columns: &[usize], row: Vec<Value>) -> Vec<(usize, Value)> {
    columns.iter().copied().zip(row).collect()
}

/// Positions of rows by their keys, which are given row by row.
fn by_key<'k>(keys: impl Iterator<Item = &'k [Value]>) -> HashMap<ComparableKey, usize> {
    keys.enumerate().filter_map(|(at, key)| Some((ComparableKey::of(key)?, at))).collect()
}
