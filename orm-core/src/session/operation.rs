//! One operation of a session: it holds the connection from its first statement until its handles are made, so that joined
//! operations queue, and leaves a mark when it is dropped in the middle of a write.

use std::pin::pin;

use tokio::sync::MutexGuard;

use super::{
    Session,
    bulk::{ReturnedRow, returned_row},
    factory::{Access, AfterBegin, Autoflush},
    insert_many::insert_rows,
    plain_row::PlainRow,
    sql::statement as raw_statement,
    turn::Turn,
};
use crate::{
    database::{BeginMode, Capabilities, Cells, Connection, Reads, Statement},
    error::{Error, ErrorKind, Result},
    flush::{self, Flushed},
    identity::{IdentityMap, ObjectRef},
    loading::Loader,
    query::sql::{Dialect, Sql},
    schema::EntityDef,
    state::Status,
};

/// The way to the database: a session's operations take it in turn.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Held while a transaction is open.
    pub(super) connection: Option<Connection>,
    pub(super) writing: Writing,
    pub(super) stale: Stale,
    /// A savepoint that memory went back to already: the database does so before its next statement.
    pub(super) undo: Option<String>,
    pub(super) last_commit: CommitOutcome,
    pub(super) ended: Ended,
}

/// Whether the transaction is over in the database and not yet in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ended {
    #[default]
    No,
    /// A commit failed, and took the transaction with it.
    ByCommit,
}

/// Whether a write is under way: found still so when the operation ends, its future was dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Writing {
    #[default]
    Idle,
    UnderWay,
    Committing,
}

/// Whether it is known what became of the last commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum CommitOutcome {
    #[default]
    Known,
    /// It was sent and not answered.
    Unknown,
}

impl Lane {
    /// What only a rollback mends, if anything; found after this operation.
    fn failure(&self, verb: &'static str) -> Option<String> {
        let connection = self.connection.as_ref();
        if self.writing == Writing::Committing {
            return Some(format!(
                "`{verb}` was dropped before the database answered: whether the transaction was committed is unknown"
            ));
        }
        let first = connection.and_then(Connection::failure);
        let interrupted = self.writing == Writing::UnderWay || connection.is_some_and(Connection::was_interrupted);
        match first {
            // A rollback to a savepoint is on its way, which mends it.
            Some(_) if self.undo.is_some() && !interrupted => None,
            Some(first) => Some(format!("{verb}: {first}")),
            None => interrupted.then(|| format!("`{verb}` was dropped before it finished: what it wrote is unknown")),
        }
    }
}

/// Whether a row was found changed by someone else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stale {
    #[default]
    No,
    Yes,
}

/// What a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Committed {
    /// No transaction had begun.
    Nothing,
    Transaction,
}

/// The session's turn at the database.
pub(super) struct Operation<'s> {
    session: &'s Session,
    pub(super) lane: MutexGuard<'s, Lane>,
    verb: &'static str,
    /// How a transaction that this operation opens begins.
    pub(super) begin: BeginMode,
    // Last: the lane is free before the next one looks for it.
    _turn: Turn<'s>,
}

impl Session {
    /// Waits for this operation's turn. No statement is sent.
    pub(super) async fn operation(&self, verb: &'static str) -> Result<Operation<'_>> {
        let turn = self.turns.turn(verb, self.database.acquire_timeout()).await?;
        let lane = self.lane.lock().await;
        self.check_active(verb)?;
        let mut operation = Operation { session: self, lane, verb, begin: self.options.begin, _turn: turn };
        operation.undo().await?;
        Ok(operation)
    }
}

impl Drop for Operation<'_> {
    /// Dropped in the middle, or after an error that ended the transaction: the session says so from here on.
    fn drop(&mut self) {
        if let Some(why) = self.lane.failure(self.verb) {
            self.session.failure().get_or_insert(why);
        }
    }
}

impl<'s> Operation<'s> {
    pub(super) fn map(&self) -> &'s IdentityMap {
        &self.session.map
    }

    /// What a plain SELECT sees of what others commit meanwhile.
    pub(super) fn reads(&self) -> Reads {
        self.session.database.backend().reads()
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.session.database.texts().dialect()
    }

    /// The connection, with a transaction open.
    pub(super) async fn connection(&mut self) -> Result<&mut Connection> {
        let options = &self.session.options;
        if self.lane.connection.is_none() {
            let polled = &self.session.turns.polled;
            let acquired = polled.watch(pin!(self.session.database.acquire())).await;
            let mut connection = acquired.map_err(|error| error.with_verb(self.verb))?;
            connection.watch_polls(polled);
            self.lane.connection = Some(connection);
        }
        let Some(connection) = &mut self.lane.connection else { unreachable!("set above") };
        if !connection.in_transaction() {
            let begun = match options.access {
                Access::ReadWrite => connection.begin(self.begin, options.isolation).await,
                Access::ReadOnly => connection.begin_read_only(options.isolation).await,
            };
            begun.map_err(|error| error.with_verb(self.verb))?;
            if !options.after_begin.is_empty() {
                self.after_begin().await?;
            }
        }
        let Some(connection) = &mut self.lane.connection else { unreachable!("set above") };
        Ok(connection)
    }

    /// What every transaction begins with. Nothing is done in one that does not begin so: refused, it is rolled back; dropped in the
    /// middle, the session must be.
    async fn after_begin(&mut self) -> Result<()> {
        let session = self.session;
        for AfterBegin { sql, values } in &session.options.after_begin {
            let statement = raw_statement(sql.clone(), values.clone());
            let lane = &mut *self.lane;
            let Some(connection) = &mut lane.connection else { return Ok(()) };
            lane.writing = Writing::UnderWay;
            let result = connection.fetch(&statement, &mut |_| Ok(())).await;
            lane.writing = Writing::Idle;
            if let Err(error) = result {
                lane.connection = None;
                return Err(error.with_verb(self.verb));
            }
        }
        Ok(())
    }

    /// A loader on the open transaction.
    pub(super) async fn loader(&mut self) -> Result<Loader<'_>> {
        let session = self.session;
        let connection = self.connection().await?;
        Ok(Loader::new(&session.map, connection, session.database.texts()))
    }

    /// Flushes, if the session does so before queries and there is anything to write.
    pub(super) async fn autoflush(&mut self) -> Result<()> {
        match self.session.options.autoflush {
            Autoflush::On => self.flush().await,
            Autoflush::Off => Ok(()),
        }
    }

    /// Writes everything that is pending. A failure makes the session inactive until it is rolled back.
    pub(super) async fn flush(&mut self) -> Result<()> {
        let session = self.session;
        if session.map.work().is_empty() {
            return Ok(());
        }
        session.check_flushable()?;
        session.before_flush()?;
        self.connection().await?;
        let mut flushed = session.has_listeners().then(Flushed::default);
        let lane = &mut *self.lane;
        let Some(connection) = &mut lane.connection else { unreachable!("opened above") };
        lane.writing = Writing::UnderWay;
        let result = flush::flush(&session.map, connection, session.database.texts(), flushed.as_mut()).await;
        lane.writing = Writing::Idle;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::StaleData) {
            lane.stale = Stale::Yes;
        }
        result.map_err(|error| self.fail(error))?;
        match flushed {
            Some(flushed) => session.after_flush(&flushed).map_err(|error| self.fail(error)),
            None => Ok(()),
        }
    }

    /// Flushes where something is to be deleted, so that a verb which looks for a row does not find one that goes.
    pub(super) async fn flush_deletions(&mut self) -> Result<()> {
        if self.session.map.work().deleted.is_empty() {
            return Ok(());
        }
        self.flush().await
    }

    /// Flushes until nothing is left: listeners may add to what was flushed.
    async fn flush_all(&mut self) -> Result<()> {
        const MOST_FLUSHES: u32 = 100;
        self.flush().await?;
        if !self.session.has_listeners() {
            return Ok(());
        }
        for _ in 1..MOST_FLUSHES {
            if self.session.map.work().is_empty() {
                return Ok(());
            }
            self.flush().await?;
        }
        let why = format!(
            "after {MOST_FLUSHES} flushes there still is something to write: a listener adds to what it sees written"
        );
        Err(Error::new(ErrorKind::Listener, why).with_verb(self.verb))
    }

    /// Writes everything that is pending, then, within a savepoint, what `add` brings in. Refused, that alone is undone, in the
    /// database and in memory; what a rollback to the savepoint cannot mend makes the session inactive.
    pub(super) async fn flush_in_savepoint<T>(
        &mut self,
        add: impl FnOnce(&IdentityMap) -> Result<(T, Vec<ObjectRef>)>,
    ) -> Result<T> {
        const SAVEPOINT: &str = "orm_try_insert";
        self.flush().await?;
        self.connection().await?;
        let session = self.session;
        let map = &session.map;
        let lane = &mut *self.lane;
        let Some(connection) = &mut lane.connection else { unreachable!("opened above") };
        let (added, objects) = add(map)?;
        if let Err(error) = session.before_flush() {
            map.discard(&objects);
            return Err(error);
        }
        let mut flushed = session.has_listeners().then(Flushed::default);
        lane.writing = Writing::UnderWay;
        let mut result = connection.savepoint(SAVEPOINT).await;
        let opened = result.is_ok();
        if opened {
            result = flush::flush(map, connection, session.database.texts(), flushed.as_mut()).await;
            let ended = match &result {
                Ok(()) => connection.release(SAVEPOINT).await,
                Err(error) if is_mended_by_a_savepoint(error) => connection.rollback_to(SAVEPOINT).await,
                Err(_) => Ok(()),
            };
            if let Err(error) = ended {
                lane.writing = Writing::Idle;
                map.discard(&objects);
                return Err(self.fail(error));
            }
        }
        lane.writing = Writing::Idle;
        let Err(error) = result else {
            return match flushed.map(|flushed| session.after_flush(&flushed)) {
                Some(Err(error)) => Err(self.fail(error)),
                _ => Ok(added),
            };
        };
        // A flush that came as far as to publish some of it cannot be taken back in memory.
        let unpublished = |object: &ObjectRef| map.store_at(*object).status(object.slot) == Status::Pending;
        let mended = opened && is_mended_by_a_savepoint(&error) && objects.iter().all(unpublished);
        map.discard(&objects);
        if mended { Err(error.with_verb(self.verb)) } else { Err(self.fail(error)) }
    }

    /// Sends a statement that changes rows by a filter; gives how many, and what came back of those that the session holds. A failure
    /// makes the session inactive until it is rolled back.
    pub(super) async fn write_where(
        &mut self,
        def: &'static EntityDef,
        sql: Sql,
        returning: &[usize],
    ) -> Result<(u64, Vec<ReturnedRow>)> {
        self.session.check_writable(self.verb).map_err(|error| error.with_entity(def.name))?;
        if returning.is_empty() {
            let statement = Statement::new(sql.text, sql.values);
            return Ok((self.write(def, &statement).await?, Vec::new()));
        }
        self.rows_of(def, sql, returning).await
    }

    /// Sends a statement that gives these columns, the key first; gives how many rows came, and those that the session holds.
    pub(super) async fn rows_of(
        &mut self,
        def: &'static EntityDef,
        sql: Sql,
        columns: &[usize],
    ) -> Result<(u64, Vec<ReturnedRow>)> {
        let statement = Statement::new(sql.text, sql.values);
        let store = self.session.map.store_of(def);
        let mut rows = Vec::new();
        let mut each = |cells: &Cells<'_>| {
            rows.extend(returned_row(store, columns, cells)?);
            Ok(())
        };
        let count = self.write_returning(def, &statement, &mut each).await?;
        Ok((count, rows))
    }

    /// What the server can do; opens the transaction.
    pub(super) async fn capabilities(&mut self) -> Result<Capabilities> {
        self.connection().await.map(|connection| *connection.capabilities())
    }

    /// Sends a statement that writes; gives the number of rows. A failure makes the session inactive until it is rolled back.
    pub(super) async fn write(&mut self, def: &'static EntityDef, statement: &Statement) -> Result<u64> {
        self.connection().await?;
        let lane = &mut *self.lane;
        let Some(connection) = &mut lane.connection else { unreachable!("opened above") };
        lane.writing = Writing::UnderWay;
        let result = connection.execute(statement).await;
        lane.writing = Writing::Idle;
        result.map_err(|error| self.fail(error.of_entity(def.name).with_columns_of(def)))
    }

    /// Sends a statement that writes and gives rows back. A failure makes the session inactive until it is rolled back.
    pub(super) async fn write_returning(
        &mut self,
        def: &'static EntityDef,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        self.session.check_writable(self.verb).map_err(|error| error.with_entity(def.name))?;
        self.connection().await?;
        let lane = &mut *self.lane;
        let Some(connection) = &mut lane.connection else { unreachable!("opened above") };
        lane.writing = Writing::UnderWay;
        let result = connection.fetch(statement, each).await;
        lane.writing = Writing::Idle;
        result.map_err(|error| self.fail(error.of_entity(def.name).with_columns_of(def)))
    }

    /// Inserts rows that become no objects. A failure makes the session inactive until it is rolled back.
    pub(super) async fn insert_rows(&mut self, def: &'static EntityDef, rows: Vec<PlainRow>) -> Result<u64> {
        self.session.check_writable(self.verb).map_err(|error| error.with_entity(def.name))?;
        self.connection().await?;
        let texts = self.session.database.texts();
        let lane = &mut *self.lane;
        let Some(connection) = &mut lane.connection else { unreachable!("opened above") };
        lane.writing = Writing::UnderWay;
        let result = insert_rows(connection, texts, def, rows).await;
        lane.writing = Writing::Idle;
        result.map_err(|error| self.fail(error))
    }

    /// Goes back to the savepoint that memory went back to.
    async fn undo(&mut self) -> Result<()> {
        let Some(name) = self.lane.undo.clone() else { return Ok(()) };
        self.change(async |connection| {
            connection.rollback_to(&name).await?;
            connection.release(&name).await
        })
        .await?;
        self.lane.undo = None;
        Ok(())
    }

    /// Something that changes the database: cut off in the middle, or failed, the session must be rolled back.
    pub(super) async fn change(&mut self, act: impl AsyncFnOnce(&mut Connection) -> Result<()>) -> Result<()> {
        let lane = &mut *self.lane;
        let Some(connection) = &mut lane.connection else { return Ok(()) };
        lane.writing = Writing::UnderWay;
        let result = act(connection).await;
        lane.writing = Writing::Idle;
        result.map_err(|error| self.fail(error))
    }

    /// Ends the transaction: what the database then answers decides.
    pub(super) async fn commit(&mut self) -> Result<Committed> {
        if self.session.depth > 0 {
            return Err(Error::new(
                ErrorKind::SavepointOpen,
                "a savepoint is open, what was done since would be kept or lost with it: `release` it or `rollback` it first",
            )
            .with_verb(self.verb));
        }
        let has_begun = |lane: &Lane| lane.connection.as_ref().is_some_and(Connection::in_transaction);
        if self.session.has_listeners() && (has_begun(&self.lane) || !self.session.map.work().is_empty()) {
            self.session.before_commit()?;
        }
        self.flush_all().await?;
        let lane = &mut *self.lane;
        let Some(connection) = &mut lane.connection else { return Ok(Committed::Nothing) };
        lane.writing = Writing::Committing;
        lane.last_commit = CommitOutcome::Unknown;
        let result = connection.commit().await;
        lane.writing = Writing::Idle;
        if !result.as_ref().is_err_and(|error| error.kind() == ErrorKind::CommitUnknown) {
            lane.last_commit = CommitOutcome::Known;
        }
        match result {
            Ok(()) => {
                self.lane.connection = None;
                Ok(Committed::Transaction)
            }
            Err(error) => {
                lane.ended = Ended::ByCommit;
                Err(self.fail(error))
            }
        }
    }

    /// Notes an error after which only a rollback helps.
    pub(super) fn fail(&self, error: Error) -> Error {
        if error.kind() != ErrorKind::PendingRollback {
            self.session.failure().get_or_insert_with(|| error.to_string());
        }
        if error.verb().is_some() { error } else { error.with_verb(self.verb) }
    }

    /// Marks that code of the program has the connection, until the mark is dropped.
    #[cfg(feature = "postgres")]
    pub(super) fn lend(&self) -> super::turn::Lent<'s> {
        self.session.turns.lend()
    }
}

/// Whether a transaction goes on, once it is rolled back to before this error.
fn is_mended_by_a_savepoint(error: &Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::Connection | ErrorKind::Serialization | ErrorKind::Deadlock | ErrorKind::PendingRollback
    )
}
