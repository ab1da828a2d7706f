//! `update` and `delete_where`: one statement for all rows that match, and what the session knows of them.

use super::{Session, operation::Operation};
use crate::{
    collections::HashSet,
    database::{Cells, Database, Statement},
    entity::Entity,
    error::{Error, ErrorKind, Result},
    expr::{Calculation, Node, Scalar},
    loading::column_error,
    query::{
        Delete, Update,
        sql::{self, Dialect, Lock, LockStrength, LockWait, Select, Sql},
    },
    schema::EntityDef,
    state::{AnyStore, Status},
    value::{ColumnError, Value},
};

impl Session {
    /// Changes every row that matches, without reading it; gives the number of rows.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)]
    /// # #[orm(table = "accounts")]
    /// # pub struct Account { #[orm(primary_key)] id: i64, balance: i64 }
    /// # async fn run(session: &mut Session) -> Result<(), Error> {
    /// let rent = Account::update().filter(Account::BALANCE.ge(700)).set_expr(Account::BALANCE, Account::BALANCE - 700);
    /// let paid = session.update(&rent).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// What is pending is flushed first, whatever the session's autoflush says. One statement, in the session's transaction; on MySQL and
    /// MariaDB, whose UPDATE gives nothing back, one that locks the rows before it and one that reads those of the session's objects after
    /// it, where the session holds any of the entity. Objects that
    /// the session holds have the new values at once, calculated and generated ones too, and where the entity has a version, the whole row;
    /// relationships whose foreign keys were set are loaded anew
    /// when they are asked for. Where the primary key is set, every object expires. Handles end here, at compile time.
    ///
    /// # Errors
    /// As [`flush`](Self::flush); [`ErrorKind::Unsupported`] for calculations with exact decimals on SQLite, before anything is sent;
    /// [`ErrorKind::Decode`] for a result that is not a value of its column. After what the database refused, the session answers
    /// [`ErrorKind::PendingRollback`] until it is rolled back.
    pub async fn update<E: Entity>(&mut self, update: &Update<E>) -> Result<u64> {
        const VERB: &str = "update";
        let dialect = self.database.texts().dialect();
        let Some(set) = assignments(dialect, E::DEF, &update.set)? else { return Ok(0) };
        let columns: Vec<usize> = set.iter().map(|(column, _)| *column).collect();
        let (count, changed) = {
            let mut operation = self.operation(VERB).await?;
            operation.flush().await?;
            let map = &self.map;
            let store = map.store_of(E::DEF);
            let has_version = E::DEF.columns.iter().any(|column| column.version);
            let returned = |column: &usize| {
                let definition = &E::DEF.columns[*column];
                let is_made = definition.on_update.is_some() || definition.read_only;
                // A version goes with its whole row: someone else may have changed the rest of it.
                columns.contains(column) || ((is_made || has_version) && is_shown(store, *column))
            };
            let returning = returning(store, (0..E::DEF.columns.len()).filter(returned));
            let statement = |returning: &[usize]| sql::update_where(dialect, E::DEF, &set, &update.filter, returning);
            if returning.is_empty() || operation.capabilities().await?.update_returning {
                operation.write_where(E::DEF, statement(&returning)?, &returning).await?
            } else {
                let found = operation.lock_where(E::DEF, &update.filter).await?;
                let (count, _) = operation.write_where(E::DEF, statement(&[])?, &[]).await?;
                (count, operation.read_again(E::DEF, &found, &returning).await?)
            }
        };
        let store = self.map.store_of(E::DEF);
        for (slot, values) in &changed {
            match store.status(*slot) {
                Status::Persistent => {
                    store.absorb_columns(*slot, values).map_err(|error| column_error(E::DEF, &error))?;
                }
                // Of what is known of it, this is not what it was.
                _ => store.settle_draft(*slot, 0, values),
            }
            store.note_altered(*slot, self.map.epoch());
        }
        if count > 0 {
            self.map.bulk_updated(E::DEF, &columns);
        }
        Ok(count)
    }

    /// Deletes every row that matches, without reading it; gives the number of rows.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)]
    /// # #[orm(table = "tokens")]
    /// # pub struct Token { #[orm(primary_key)] id: i64, expires: i64 }
    /// # async fn run(session: &mut Session, now: i64) -> Result<(), Error> {
    /// session.delete_where(Token::EXPIRES.lt(now)).await?;
    /// session.delete_where(Token::delete().filter(Token::EXPIRES.lt(now))).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// What is pending is flushed first, whatever the session's autoflush says. One statement, in the session's transaction. Objects that
    /// the session holds are deleted, and every relationship that shows one of them is loaded anew when it is asked for; entities whose
    /// rows the database deletes or changes along (`on_delete`) expire. The cascades of relationships are for
    /// [`delete`](Self::delete) and do not count here. Handles end here, at compile time.
    ///
    /// # Errors
    /// As [`flush`](Self::flush): [`ErrorKind::ForeignKeyViolation`] where other rows refer to one of them.
    pub async fn delete_where<E: Entity>(&mut self, delete: impl Into<Delete<E>>) -> Result<u64> {
        let delete = delete.into();
        let dialect = self.database.texts().dialect();
        let (count, gone) = {
            let mut operation = self.operation("delete_where").await?;
            operation.flush().await?;
            let returning = returning(self.map.store_of(E::DEF), std::iter::empty());
            let statement = |returning: &[usize]| sql::delete_where(dialect, E::DEF, &delete.filter, returning);
            if returning.is_empty() || operation.capabilities().await?.delete_returning {
                operation.write_where(E::DEF, statement(&returning)?, &returning).await?
            } else {
                let found = operation.lock_where(E::DEF, &delete.filter).await?;
                let (count, _) = operation.write_where(E::DEF, statement(&[])?, &[]).await?;
                (count, found)
            }
        };
        if count > 0 {
            let gone: HashSet<u32> = gone.into_iter().map(|(slot, _)| slot).collect();
            self.map.bulk_deleted(E::DEF, &gone);
        }
        Ok(count)
    }
}

/// What takes the place of RETURNING where a database has none.
impl Operation<'_> {
    /// Locks the rows that match, so that the statement that follows finds the same; gives those that the session holds.
    async fn lock_where(&mut self, def: &'static EntityDef, filter: &Node) -> Result<Vec<ReturnedRow>> {
        let lock = Lock { strength: LockStrength::Update, wait: LockWait::Wait };
        let select = Select {
            columns: def.primary_key.into(),
            filters: vec![filter],
            order: sql::key_order(def).into(),
            lock: Some(lock),
            ..Select::all(def)
        };
        let (statement, _) = sql::select(self.dialect(), &select)?;
        self.rows_of(def, statement, def.primary_key).await.map(|(_, found)| found)
    }

    /// Reads these columns of objects whose rows a statement changed.
    async fn read_again(
        &mut self,
        def: &'static EntityDef,
        found: &[ReturnedRow],
        columns: &[usize],
    ) -> Result<Vec<ReturnedRow>> {
        let store = self.map().store_of(def);
        let mut keys = Vec::with_capacity(found.len() * def.primary_key.len());
        for (slot, _) in found {
            keys.extend(def.primary_key.iter().filter_map(|column| store.value(*slot, *column)));
        }
        let select = Select { columns: columns.into(), ..Select::all(def) };
        let mut rows = Vec::new();
        for batch in sql::select_by_key(self.dialect(), &select, def.primary_key, &keys)?.batches {
            rows.extend(self.rows_of(def, batch.sql, columns).await?.1);
        }
        Ok(rows)
    }
}

impl Database {
    /// Changes every row that matches, outside of any session; gives the number of rows. One statement.
    ///
    /// # Errors
    /// What the database refused; [`ErrorKind::Unsupported`] for calculations with exact decimals on SQLite.
    pub async fn update<E: Entity>(&self, update: &Update<E>) -> Result<u64> {
        let dialect = self.texts().dialect();
        let Some(set) = assignments(dialect, E::DEF, &update.set)? else { return Ok(0) };
        self.run_where(E::DEF, sql::update_where(dialect, E::DEF, &set, &update.filter, &[])?, "update").await
    }

    /// Deletes every row that matches, outside of any session; gives the number of rows. One statement.
    ///
    /// # Errors
    /// What the database refused: [`ErrorKind::ForeignKeyViolation`] where other rows refer to one of them.
    pub async fn delete_where<E: Entity>(&self, delete: impl Into<Delete<E>>) -> Result<u64> {
        let delete = delete.into();
        let statement = sql::delete_where(self.texts().dialect(), E::DEF, &delete.filter, &[])?;
        self.run_where(E::DEF, statement, "delete_where").await
    }

    async fn run_where(&self, def: &'static EntityDef, sql: Sql, verb: &'static str) -> Result<u64> {
        let statement = Statement::new(sql.text, sql.values);
        let result = self.acquire().await?.execute(&statement).await;
        result.map_err(|error| error.of_entity(def.name).with_columns_of(def).with_verb(verb))
    }
}

/// What is set, the version included; nothing to set is `None`.
fn assignments(
    dialect: Dialect,
    def: &'static EntityDef,
    set: &[(usize, Scalar)],
) -> Result<Option<Vec<(usize, Scalar)>>> {
    if set.is_empty() {
        return Ok(None);
    }
    for (column, scalar) in set {
        let column = &def.columns[*column];
        if dialect == Dialect::Sqlite && column.sql_type == crate::schema::SqlType::Decimal && scalar.is_arithmetic() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "SQLite has no exact decimals to calculate with; nothing was sent. Read the objects, set them and flush",
            )
            .with_entity(def.name)
            .with_attribute(column.field)
            .with_verb("update"));
        }
    }
    let mut set = set.to_vec();
    let version = def.columns.iter().position(|column| column.version);
    if let Some(version) = version.filter(|version| set.iter().all(|(column, _)| column != version)) {
        let one = Scalar::Value(Value::Int(Some(1)));
        set.push((version, Scalar::Column(version).calculate(Calculation::Add, one)));
    }
    Ok(Some(set))
}

/// Whether objects show a column: every one, or one of those for which it was asked.
pub(super) fn is_shown(store: &dyn AnyStore, column: usize) -> bool {
    !store.def().columns[column].deferred || (0..store.len()).any(|slot| store.is_column_loaded(slot, column))
}

/// The key and these columns, where the session holds objects that they may be about.
fn returning(store: &dyn AnyStore, columns: impl Iterator<Item = usize>) -> Vec<usize> {
    if store.len() == 0 {
        return Vec::new();
    }
    let key = store.def().primary_key;
    key.iter().copied().chain(columns.filter(|column| !key.contains(column))).collect()
}

/// An object of the session, and what a statement gave back of it beside its key.
pub(super) type ReturnedRow = (u32, Vec<(usize, Value)>);

/// One row that came back, if the session holds its object.
pub(super) fn returned_row(
    store: &dyn AnyStore,
    returning: &[usize],
    cells: &Cells<'_>,
) -> Result<Option<ReturnedRow>> {
    let def = store.def();
    let (key, others) = returning.split_at(def.primary_key.len());
    let decode = |(cell, column): (usize, &usize)| {
        let value = store.decode_value(*column, cells.raw(cell));
        value.map_err(|error| column_error(def, &ColumnError { column: *column, error }))
    };
    let values: Vec<Value> = key.iter().enumerate().map(decode).collect::<Result<_>>()?;
    let Ok(Some(slot)) = store.find(&values) else { return Ok(None) };
    let others = others.iter().enumerate().map(|(at, column)| Ok((*column, decode((key.len() + at, column))?)));
    Ok(Some((slot, others.collect::<Result<_>>()?)))
}
