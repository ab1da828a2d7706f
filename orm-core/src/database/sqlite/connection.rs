//! One SQLite connection: statements in place, and the asynchronous wait for locks.

use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, Connection};

use super::{bind::bind, error::Failure, in_place::in_place};
use crate::{
    database::{
        cells::Cells,
        own_text::wrong_number,
        parameters::check_count,
        pool::Traces,
        statement::{Statement, StatementKind},
    },
    error::Result,
};

/// How many values one statement takes.
const MOST_VALUES: usize = 32_766;

#[derive(Debug)]
pub(crate) struct SqliteConnection {
    raw: Connection,
    lock_timeout: Duration,
    traces: Traces,
}

/// Whether statements that write are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    Taken,
    Refused,
}

impl SqliteConnection {
    pub(super) fn new(raw: Connection, lock_timeout: Duration) -> Self {
        Self { raw, lock_timeout, traces: Traces::None }
    }

    /// The program may have changed what the connection is to those that come after: it is closed, not given back.
    pub(crate) fn leave_traces(&mut self) {
        self.traces = Traces::Left;
    }

    pub(crate) fn has_traces(&self) -> bool {
        self.traces == Traces::Left
    }

    /// Runs a query and hands out its rows one by one.
    pub(crate) async fn fetch(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        self.waiting(|connection| connection.try_fetch(statement, each)).await
    }

    /// Runs a statement for its effect: the number of rows that it changed.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64> {
        self.waiting(|connection| connection.try_execute(statement)).await
    }

    /// The driver's connection, for code of the user, in place.
    pub(crate) fn lend<R>(&self, work: impl FnOnce(&Connection) -> R) -> R {
        in_place(|| work(&self.raw))
    }

    /// Whether a transaction is open, as SQLite says.
    pub(crate) fn in_transaction(&self) -> bool {
        !self.raw.is_autocommit()
    }

    /// Whether the connection takes statements that write.
    pub(crate) fn set_writes(&mut self, writes: Writes) -> Result<()> {
        let query_only = writes == Writes::Refused;
        self.raw.pragma_update(None, "query_only", query_only).map_err(|error| Failure::from(error).into_error())
    }

    /// Ends an open transaction, for a connection that is given back. Whether it worked.
    pub(crate) fn abandon_transaction(&mut self) -> bool {
        self.raw.is_autocommit() || in_place(|| self.raw.execute_batch("ROLLBACK")).is_ok()
    }

    /// Write-ahead logging, so that readers and a writer do not wait for each other; and the check that it is a database.
    pub(super) fn prepare_file(&mut self, writable: bool) -> Result<(), Failure> {
        let mode: String = self.raw.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        // Reads the file: until here SQLite has only opened it.
        self.raw.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
        if writable && mode != "wal" {
            // Where it cannot be had (a network file system, a read-only directory) SQLite answers with the mode that stays.
            self.raw.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Tries in place until no other connection's lock is in the way, asleep in between.
    async fn waiting<R>(&mut self, mut attempt: impl FnMut(&Connection) -> Result<R, Failure>) -> Result<R>
    where
        Connection: Sized,
    {
        // In place means that nothing here ever is pending: give the other tasks of the thread their turn.
        tokio::task::coop::consume_budget().await;
        let mut backoff = Backoff::new(self.lock_timeout);
        loop {
            match in_place(|| attempt(&self.raw)) {
                Ok(result) => return Ok(result),
                Err(failure) => backoff.wait(failure).await?,
            }
        }
    }
}

/// What a connection does without waiting.
trait Attempt {
    fn ready(&self, statement: &Statement) -> Result<CachedStatement<'_>, Failure>;
    fn try_fetch(&self, statement: &Statement, each: &mut dyn FnMut(&Cells<'_>) -> Result<()>) -> Result<u64, Failure>;
    fn try_execute(&self, statement: &Statement) -> Result<u64, Failure>;
}

impl Attempt for Connection {
    fn ready(&self, statement: &Statement) -> Result<CachedStatement<'_>, Failure> {
        let instead = "Bind one JSON text instead: `IN (SELECT value FROM json_each(?))`, or send it in parts";
        check_count("SQLite", statement.values.len(), MOST_VALUES, instead)?;
        let mut prepared = self.prepare_cached(&statement.sql)?;
        let wanted = prepared.parameter_count();
        if wanted != statement.values.len() {
            return Err(wrong_number(wanted, statement.values.len()).into());
        }
        for (index, value) in statement.values.iter().enumerate() {
            prepared.raw_bind_parameter(index + 1, bind(value)?)?;
        }
        Ok(prepared)
    }

    fn try_fetch(&self, statement: &Statement, each: &mut dyn FnMut(&Cells<'_>) -> Result<()>) -> Result<u64, Failure> {
        let mut prepared = self.ready(statement)?;
        let result = hand_out(&mut prepared, each);
        release(prepared, statement);
        result
    }

    fn try_execute(&self, statement: &Statement) -> Result<u64, Failure> {
        let mut prepared = self.ready(statement)?;
        let writes = !prepared.readonly()
            && matches!(
                StatementKind::of(&statement.sql),
                StatementKind::Select | StatementKind::Insert | StatementKind::Update | StatementKind::Delete
            );
        let mut rows = prepared.raw_query();
        while rows.next()?.is_some() {}
        drop(rows);
        release(prepared, statement);
        // SQLite's counter stays as it was after any other kind of statement.
        Ok(if writes { self.changes() } else { 0 })
    }
}

/// A statement of a longer text is not kept: it takes as much memory as hundreds of others.
const LONGEST_KEPT: usize = 64 << 10;

/// Gives a statement back to those that are kept, unless it is too long.
fn release(prepared: CachedStatement<'_>, statement: &Statement) {
    if statement.sql.len() > LONGEST_KEPT {
        prepared.discard();
    }
}

fn hand_out(
    prepared: &mut CachedStatement<'_>,
    each: &mut dyn FnMut(&Cells<'_>) -> Result<()>,
) -> Result<u64, Failure> {
    let mut rows = prepared.raw_query();
    let mut count = 0;
    loop {
        match rows.next() {
            Ok(Some(row)) => each(&Cells::sqlite(row))?,
            Ok(None) => return Ok(count),
            // Rows went out already: from the start again they would go out twice.
            Err(error) if count > 0 => return Err(Failure::Final(Failure::from(error).into_error())),
            Err(error) => return Err(error.into()),
        }
        count += 1;
    }
}

/// The wait for a lock: longer each time, up to the configured limit in all, and never on a thread.
pub(super) struct Backoff {
    limit: Duration,
    started: Option<Instant>,
    next: Duration,
}

impl Backoff {
    const FIRST: Duration = Duration::from_micros(200);
    const LONGEST: Duration = Duration::from_millis(25);

    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, started: None, next: Self::FIRST }
    }

    /// Sleeps if the failure was a lock and there is time left; else it is the error.
    pub(super) async fn wait(&mut self, failure: Failure) -> Result<()> {
        let Failure::Busy(error) = failure else { return Err(failure.into_error()) };
        let started = *self.started.get_or_insert_with(Instant::now);
        let left = self.limit.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Err(Failure::Busy(error).into_error());
        }
        let pause = self.next.min(left);
        self.next = (self.next * 2).min(Self::LONGEST);
        if tokio::runtime::Handle::try_current().is_ok() {
            tokio::time::sleep(pause).await;
        } else {
            std::thread::sleep(pause);
        }
        Ok(())
    }
}
