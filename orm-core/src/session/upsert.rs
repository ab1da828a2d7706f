//! `upsert`: a row that is there is overwritten, one that is not is inserted, and the object comes back either way.

use super::{
    Running, Session,
    bulk::is_shown,
    insert_many::by_columns,
    operation::Operation,
    plain_row::{PlainRow, plain_row},
};
use crate::{
    collections::{HashMap, HashSet},
    database::{Cells, Database, Reads, Statement},
    entity::Entity,
    error::{Error, ErrorKind, Result},
    flush,
    handle::{Detached, IntoTransient, Persistent, Src, Transient},
    identity::{IdentityMap, inverse_of, key_columns, referenced_columns},
    loading::column_error,
    query::{
        ConflictAction, OnConflict, Plan,
        sql::{Batch, Lock, LockStrength, LockWait, Select, Upsert, default_columns, select_by_key},
    },
    schema::{EntityDef, RelationKind},
    state::{Absorb, Brought, Status},
    value::{ColumnError, ComparableKey, Value, is_null},
};

impl Session {
    /// Inserts a row or, where the unique columns say that it is there, overwrites it, in one step that no other writer comes between.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)]
    /// # #[orm(table = "users")]
    /// # pub struct User { #[orm(primary_key)] id: i64, #[orm(unique)] email: String, name: String }
    /// # async fn run(session: &Session) -> Result<(), Error> {
    /// let ada = session.upsert(User::builder().email("ada@x.org").name("Ada"), on_conflict(User::EMAIL)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// What is pending is flushed first. One statement, `INSERT .. ON CONFLICT .. RETURNING`; with `do_nothing` a SELECT where the row was
    /// there. On MySQL and MariaDB it is `ON DUPLICATE KEY UPDATE`, which names no constraint: a row that is there by another one than was
    /// named stays as it is, and that is an error. MySQL, which has no RETURNING, takes a SELECT more. An object that the session holds shows the row as it is then. Where that refers to another parent, what live handles were
    /// promised of it is loaded before: one SELECT, and one for each relationship that a promise names.
    ///
    /// The future's errors are what the database refused ([`ErrorKind::UniqueViolation`] by another constraint than the one that was
    /// named), and those of [`insert_many`](Self::insert_many).
    pub fn upsert<E: Entity, T: IntoTransient<E, L>, L: 'static>(
        &self,
        object: T,
        on_conflict: OnConflict<E>,
    ) -> Running<'_, Persistent<'_, E>> {
        let objects = vec![object.into_transient()];
        Running::new(async move {
            let found = self.upsert_rows(objects, &on_conflict, "upsert").await?;
            match found.first() {
                Some(slot) => Ok(Persistent::new(Src::new(&self.map, *slot, None))),
                None => unreachable!("one object for one row"),
            }
        })
    }

    /// Upserts many rows; gives their objects in the same order.
    ///
    /// One statement for each set of columns, more where the database cannot bind as many values; one for each row where the unique
    /// columns are of a type that does not tell rows apart (floats, decimals, times). Two rows with the same unique values are refused
    /// by PostgreSQL.
    ///
    /// The future's errors are those of [`upsert`](Self::upsert).
    pub fn upsert_all<E: Entity, T: IntoTransient<E, L>, L: 'static>(
        &self,
        objects: impl IntoIterator<Item = T>,
        on_conflict: OnConflict<E>,
    ) -> Running<'_, Vec<Persistent<'_, E>>> {
        let objects = objects.into_iter().map(IntoTransient::into_transient).collect();
        Running::new(async move {
            let found = self.upsert_rows(objects, &on_conflict, "upsert_all").await?;
            Ok(found.into_iter().map(|slot| Persistent::new(Src::new(&self.map, slot, None))).collect())
        })
    }

    async fn upsert_rows<E: Entity, L: 'static>(
        &self,
        objects: Vec<Transient<E, L>>,
        on_conflict: &OnConflict<E>,
        verb: &'static str,
    ) -> Result<Vec<u32>> {
        let mut operation = self.operation(verb).await?;
        operation.flush().await?;
        let rows = objects.into_iter().map(|object| plain_row(object, &self.map)).collect::<Result<Vec<_>>>();
        let rows = rows.map_err(|error| error.with_verb(verb))?;
        let OnConflict { columns, action, .. } = on_conflict;
        operation.upsert(E::DEF, rows, columns, action).await
    }
}

/// The unique values of rows whose values are given row by row; rows without all of them are left out.
fn keys_of(columns: &[usize], conflict: &[usize], values: &[Value]) -> Vec<Value> {
    let places: Option<Vec<usize>> =
        conflict.iter().map(|wanted| columns.iter().position(|column| column == wanted)).collect();
    let Some(places) = places else { return Vec::new() };
    let rows = values.chunks(columns.len().max(1));
    let keys = rows.map(|row| places.iter().map(|place| row[*place].clone()).collect::<Vec<Value>>());
    keys.filter(|key| !key.iter().any(is_null)).flatten().collect()
}

impl Database {
    /// Inserts a row or, where the unique columns say that it is there, overwrites it, outside of any session; gives the row as it is
    /// then. One statement, in a transaction of its own; with `do_nothing` a SELECT where the row was there.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// use orm_core::query::on_conflict;
    /// # #[derive(Entity)]
    /// # #[orm(table = "users")]
    /// # pub struct User { #[orm(primary_key)] id: i64, #[orm(unique)] email: String, name: String }
    /// # async fn run(db: &Database) -> Result<(), Error> {
    /// let ada: Detached<User> = db.upsert(User::builder().email("ada@x.org").name("Ada"), on_conflict(User::EMAIL)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// The future's errors are those of [`Session::upsert`]; nothing is written then.
    pub fn upsert<E: Entity, T: IntoTransient<E, L>, L: 'static>(
        &self,
        object: T,
        on_conflict: OnConflict<E>,
    ) -> Running<'_, Detached<E>> {
        let object = object.into_transient();
        Running::new(async move {
            let mut session = self.session();
            let row = session.detach(&session.upsert(object, on_conflict).await?)?;
            session.commit().await?;
            Ok(row)
        })
    }

    /// Upserts many rows, all of them or none; gives them in the same order. Costs what [`Session::upsert_all`] costs, in a transaction of
    /// its own.
    ///
    /// The future's errors are those of [`Session::upsert_all`]; nothing is written then.
    pub fn upsert_all<E: Entity, T: IntoTransient<E, L>, L: 'static>(
        &self,
        objects: impl IntoIterator<Item = T>,
        on_conflict: OnConflict<E>,
    ) -> Running<'_, Vec<Detached<E>>> {
        let objects: Vec<_> = objects.into_iter().map(IntoTransient::into_transient).collect();
        Running::new(async move {
            let mut session = self.session();
            let found = session.upsert_all(objects, on_conflict).await?;
            let rows = found.iter().map(|object| session.detach(object)).collect::<Result<Vec<_>>>()?;
            session.commit().await?;
            Ok(rows)
        })
    }
}

/// Rows that came back from upserts.
#[derive(Default)]
struct Upserted {
    /// Objects by the values of the unique columns.
    by_conflict: HashMap<ComparableKey, u32>,
    /// Objects that came in with their row.
    new: Vec<u32>,
    /// Objects that the session had, and their rows.
    held: Vec<(u32, PlainRow)>,
}

impl Operation<'_> {
    /// Upserts rows and publishes what came back; gives the objects in the order of the rows.
    async fn upsert(
        &mut self,
        def: &'static EntityDef,
        rows: Vec<PlainRow>,
        conflict: &[usize],
        action: &ConflictAction,
    ) -> Result<Vec<u32>> {
        let key_of = |row: &PlainRow| -> Option<Vec<Value>> {
            let value = |column: &usize| row.iter().find(|(known, _)| known == column).map(|(_, value)| value.clone());
            conflict.iter().map(|column| value(column).filter(|value| !is_null(value))).collect()
        };
        let exact = conflict.iter().all(|column| flush::comes_back_exactly(def.columns[*column].sql_type));
        let mut distinct = HashSet::new();
        let tells = exact
            && rows
                .iter()
                .all(|row| key_of(row).and_then(|key| ComparableKey::of(&key)).is_some_and(|key| distinct.insert(key)));
        let mut found: Vec<Option<u32>> = vec![None; rows.len()];
        let mut upserted = Upserted::default();
        let chunks: Vec<Vec<(usize, PlainRow)>> = if tells {
            // Whoever writes the same rows waits for the first of them.
            let mut rows: Vec<(usize, PlainRow)> = rows.into_iter().enumerate().collect();
            rows.sort_by_cached_key(|(_, row)| key_of(row).and_then(|key| ComparableKey::of(&key)));
            vec![rows]
        } else {
            rows.into_iter().enumerate().map(|row| vec![row]).collect()
        };
        let map = self.map();
        let store = map.store_of(def);
        let returning: Vec<usize> = default_columns(def)
            .into_iter()
            .chain((0..def.columns.len()).filter(|column| def.columns[*column].deferred && is_shown(store, *column)))
            .collect();
        for chunk in chunks {
            let keys: Vec<Option<Vec<Value>>> = chunk.iter().map(|(_, row)| key_of(row)).collect();
            let places: Vec<usize> = chunk.iter().map(|(place, _)| *place).collect();
            let mut last = None;
            for (columns, rows) in by_columns(chunk.into_iter().map(|(_, row)| row).collect()) {
                let values: Vec<Value> = rows.into_iter().flatten().map(|(_, value)| value).collect();
                let upsert = Upsert { def, columns: &columns, conflict, action, returning: &returning };
                if self.capabilities().await?.insert_returning {
                    for batch in upsert.statements(self.dialect(), &values) {
                        last = self.send_upsert(def, batch, conflict, &returning, &mut upserted).await?.or(last);
                    }
                } else {
                    let upsert = Upsert { returning: &[], ..upsert };
                    for batch in upsert.statements(self.dialect(), &values) {
                        self.write(def, &Statement::new(batch.sql.text, batch.sql.values)).await?;
                    }
                    let keys: Vec<Value> = keys_of(&columns, conflict, &values);
                    // What is read is what was written or stood in the way, whatever the transaction has seen before.
                    let lock = match self.reads() {
                        Reads::Snapshot => Some(Lock { strength: LockStrength::Share, wait: LockWait::Wait }),
                        Reads::Current => None,
                    };
                    let select = Select { columns: returning.as_slice().into(), lock, ..Select::all(def) };
                    for batch in select_by_key(self.dialect(), &select, conflict, &keys)?.batches {
                        last = self.send_upsert(def, batch, conflict, &returning, &mut upserted).await?.or(last);
                    }
                }
            }
            let missing: Vec<Value> = match (places.len(), last) {
                (1, Some(_)) => Vec::new(),
                _ => {
                    let absent = |key: &&Vec<Value>| {
                        ComparableKey::of(*key).is_none_or(|key| !upserted.by_conflict.contains_key(&key))
                    };
                    keys.iter().flatten().filter(absent).flatten().cloned().collect()
                }
            };
            if !missing.is_empty() {
                let there = self.loader().await?.fetch_many(def, conflict, &missing, &Plan::default()).await?;
                if let (1, Some(slot)) = (places.len(), there.values().next()) {
                    last = Some(*slot);
                }
                upserted.by_conflict.extend(there);
            }
            for (place, key) in places.iter().zip(&keys) {
                let key = key.as_ref().and_then(ComparableKey::of);
                let by_key = key.and_then(|key| upserted.by_conflict.get(&key).copied());
                found[*place] = if places.len() == 1 { last.or(by_key) } else { by_key };
            }
        }
        for slot in std::mem::take(&mut upserted.new) {
            self.publish_upserted(def, slot, None).await.map_err(|error| self.fail(error))?;
        }
        for (slot, row) in std::mem::take(&mut upserted.held) {
            self.publish_upserted(def, slot, Some(row)).await.map_err(|error| self.fail(error))?;
        }
        let there = |slot: &Option<u32>| slot.filter(|slot| map.store_of(def).status(*slot) == Status::Persistent);
        found.iter().map(there).collect::<Option<Vec<u32>>>().ok_or_else(|| {
            let why = "a row neither came back nor is it there: the transaction's isolation hides it, or a trigger took it away";
            self.fail(Error::new(ErrorKind::NotFound, why).with_entity(def.name))
        })
    }

    /// Sends one statement. Rows of objects that the session holds wait; the others come in. Gives the last object.
    async fn send_upsert(
        &mut self,
        def: &'static EntityDef,
        batch: Batch,
        conflict: &[usize],
        returning: &[usize],
        upserted: &mut Upserted,
    ) -> Result<Option<u32>> {
        let map = self.map();
        let (store, epoch) = (map.store_of(def), map.epoch());
        let statement = Statement::new(batch.sql.text, batch.sql.values);
        let mut last = None;
        let mut each = |cells: &Cells<'_>| -> Result<()> {
            let decode = |(cell, column): (usize, &usize)| {
                let value = store.decode_value(*column, cells.raw(cell));
                Ok((*column, value.map_err(|error| column_error(def, &ColumnError { column: *column, error }))?))
            };
            let row: PlainRow = returning.iter().enumerate().map(decode).collect::<Result<_>>()?;
            let values = |columns: &[usize]| -> Vec<Value> {
                let value =
                    |column: &usize| row.iter().find(|(known, _)| known == column).map(|(_, value)| value.clone());
                columns.iter().filter_map(value).collect()
            };
            let held = store.find(&values(def.primary_key)).ok().flatten();
            let by_conflict = ComparableKey::of(&values(conflict));
            let slot = match held.filter(|slot| store.status(*slot) == Status::Persistent) {
                Some(slot) => {
                    upserted.held.push((slot, row));
                    slot
                }
                None => {
                    // What is known of an expired object is not what it was.
                    let first = default_columns(def).len();
                    let brought = Brought { columns: &returning[first..], first };
                    let slot = store.absorb_with(cells, 0, brought, Absorb::Populate, epoch);
                    let slot = slot.map_err(|error| column_error(def, &error))?;
                    let slot = slot.ok_or_else(|| Error::new(ErrorKind::Decode, "a row without a primary key"))?;
                    upserted.new.push(slot);
                    slot
                }
            };
            if let Some(key) = by_conflict {
                upserted.by_conflict.insert(key, slot);
            }
            last = Some(slot);
            Ok(())
        };
        self.write_returning(def, &statement, &mut each).await?;
        Ok(last)
    }

    /// Shows the row of an object, and the object on the side of its parents: once all that handles were promised of them is there.
    async fn publish_upserted(&mut self, def: &'static EntityDef, slot: u32, row: Option<PlainRow>) -> Result<()> {
        let map = self.map();
        let store = map.store_of(def);
        let object = IdentityMap::object(def, slot);
        let mut parents = Vec::new();
        for (at, relation) in def.relations.iter().enumerate() {
            if relation.kind != RelationKind::BelongsTo || relation.view_only {
                continue;
            }
            let target = (relation.target)();
            let columns = key_columns(def, relation);
            let value = |column: &usize| match &row {
                Some(row) => row.iter().find(|(known, _)| known == column).map(|(_, value)| value.clone()),
                None => store.value(slot, *column),
            };
            let Some(key) = columns.iter().map(value).collect::<Option<Vec<Value>>>() else { continue };
            let changed =
                columns.iter().zip(&key).any(|(column, value)| store.value(slot, *column).as_ref() != Some(value));
            if row.is_some() && !changed {
                continue;
            }
            let known = map.store_of(target).find(&key).ok().flatten();
            let is_key = referenced_columns(target, relation) == target.primary_key;
            let known = known.filter(|slot| is_key && map.store_of(target).status(*slot) == Status::Persistent);
            if key.iter().any(is_null) || (row.is_none() && known.is_none()) {
                parents.push((at, None));
                continue;
            }
            let parent = match known {
                Some(parent) => Some(parent),
                None => {
                    let referred = referenced_columns(target, relation);
                    self.loader()
                        .await?
                        .fetch_many(target, &referred, &key, &Plan::default())
                        .await?
                        .into_values()
                        .next()
                }
            };
            if let Some(parent) = parent {
                if let Some(promise) = map.promised(object, Some(at)) {
                    self.loader().await?.fill(target, &[parent], &Plan::of_shape(target, &promise)).await?;
                }
                let parent_object = IdentityMap::object(target, parent);
                if let Some(promise) = map.promised(parent_object, inverse_of(def, at)) {
                    self.loader().await?.fill(def, &[slot], &Plan::of_shape(def, &promise)).await?;
                }
            }
            parents.push((at, parent));
        }
        for (at, parent) in parents {
            match parent {
                Some(parent) => {
                    let target = (def.relations[at].target)();
                    map.connect(object, at, IdentityMap::object(target, parent))?;
                }
                None if row.is_some() => map.leave_parent(object, at),
                None => {}
            }
        }
        let _work = map.work();
        store.note_altered(slot, map.epoch());
        if let Some(mut row) = row {
            // What the program wrote meanwhile was made of the row that it saw.
            if store.changes(slot).is_some() {
                row.retain(|(column, _)| !def.columns[*column].version);
            }
            store.absorb_columns(slot, &row).map_err(|error| column_error(def, &error))?;
        }
        Ok(())
    }
}
