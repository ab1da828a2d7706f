//! What was sent: `tracing` events, and a [`StatementLog`] for assertions in tests.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tracing::Level;

use super::statement::{Statement, StatementKind};

/// One statement that a database answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoggedStatement {
    /// The text, with placeholders.
    pub sql: String,
    /// What it does.
    pub kind: StatementKind,
    /// Rows that came back, or that it changed; 0 when it failed.
    pub rows: u64,
    /// From sending it to the end of its answer.
    pub duration: Duration,
}

/// Records the statements of a [`Database`](super::Database) from [`statement_log`](super::Database::statement_log) on, until it
/// is dropped: for tests that pin which statements an operation takes.
///
/// ```no_run
/// # async fn run(db: orm_core::database::Database) -> orm_core::error::Result<()> {
/// let log = db.statement_log();
/// db.execute("DELETE FROM users WHERE id = 7", vec![]).await?;
/// assert_eq!(log.count(), 1, "{log}");
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "it records until it is dropped"]
pub struct StatementLog {
    statements: Arc<Mutex<Vec<LoggedStatement>>>,
    watch: Arc<Watch>,
}

impl StatementLog {
    /// What was recorded since the last time, in the order of completion; the log is empty then.
    #[must_use]
    pub fn take(&self) -> Vec<LoggedStatement> {
        std::mem::take(&mut *lock(&self.statements))
    }

    /// How many statements were recorded, without those that only open or end a transaction; savepoints count.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.statements).iter().filter(|statement| !statement.kind.is_transaction_frame()).count()
    }
}

impl Drop for StatementLog {
    fn drop(&mut self) {
        self.watch.recorders.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The texts, one a line.
impl fmt::Display for StatementLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for statement in lock(&self.statements).iter() {
            writeln!(f, "{}", statement.sql)?;
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A list of statements is whole whatever a panicking thread did in between.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether and how the values of statements are logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogValues {
    #[default]
    Never,
    Always,
}

/// Where a database's statements are reported. Costs an atomic load where nobody listens.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    recorders: AtomicUsize,
    logs: Mutex<Vec<Weak<Mutex<Vec<LoggedStatement>>>>>,
    values: LogValues,
}

impl Watch {
    pub(crate) fn new(values: LogValues) -> Arc<Self> {
        Arc::new(Self { values, ..Self::default() })
    }

    pub(crate) fn record(self: &Arc<Self>) -> StatementLog {
        let statements = Arc::default();
        let mut logs = lock(&self.logs);
        logs.retain(|log| log.strong_count() > 0);
        logs.push(Arc::downgrade(&statements));
        self.recorders.fetch_add(1, Ordering::Relaxed);
        StatementLog { statements, watch: Arc::clone(self) }
    }

    /// The start of a statement, if anybody wants to know.
    #[inline]
    pub(crate) fn start(&self) -> Option<Instant> {
        let listens = self.recorders.load(Ordering::Relaxed) > 0 || tracing::enabled!(target: "orm::sql", Level::DEBUG);
        listens.then(Instant::now)
    }

    /// The end of one that [`start`](Self::start) gave a time for.
    #[cold]
    pub(crate) fn finish(&self, started: Instant, statement: &Statement, rows: Option<u64>) {
        let duration = started.elapsed();
        let sql = &*statement.sql;
        let failed = rows.is_none();
        let rows = rows.unwrap_or(0);
        match self.values {
            LogValues::Never => {
                tracing::event!(target: "orm::sql", Level::DEBUG, sql, rows, failed, ?duration);
            }
            LogValues::Always => {
                let values = &statement.values;
                tracing::event!(target: "orm::sql", Level::DEBUG, sql, rows, failed, ?duration, ?values);
            }
        }
        if self.recorders.load(Ordering::Relaxed) == 0 {
            return;
        }
        let entry = LoggedStatement { sql: sql.to_owned(), kind: StatementKind::of(sql), rows, duration };
        for log in lock(&self.logs).iter().filter_map(Weak::upgrade) {
            lock(&log).push(entry.clone());
        }
    }
}
