//! One PostgreSQL connection, and what becomes of it when a future is dropped in the middle of a statement.

use std::{mem, sync::Arc, time::Duration};

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, Postgres, SqlSafeStr as _, SqlStr,
    pool::PoolConnection,
};

use super::{
    bind::arguments,
    error::{Refusal, classify, is_broken, is_farewell},
    pooler::Pooler,
    prepared::{PreparedTypes, driver_text, with_types},
    restore::restore,
    source::{ConnectOptions, connect},
    stale::{Ran, is_stale, stale},
    stream::{Done, stream},
};
use crate::{
    database::{
        cells::Cells,
        limit::{answered, within},
        parameters::check_count,
        pool::{Lease, Traces},
        recurring::{Keep, Recurring},
        statement::{Statement, StatementKind},
    },
    error::{Error, ErrorKind, Result},
};

/// How many values one statement takes.
const MOST_VALUES: usize = 65_535;

pub(crate) struct PostgresConnection {
    handle: Handle,
    /// No statement has run since it was acquired: the server may have closed it while it was idle.
    untried: bool,
    /// Set while a statement is under way; found set later, its future was dropped.
    in_flight: bool,
    /// The server refused a statement since this was last asked.
    refused: bool,
    /// How the last statement that failed should have been sent.
    refusal: Option<Refusal>,
    /// A transaction is open, so that the server undoes it with the next error.
    in_transaction: bool,
    /// The connection is of no more use.
    broken: bool,
    /// It broke without a word of the server.
    lost: bool,
    traces: Traces,
}

impl std::fmt::Debug for PostgresConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresConnection").field("in_flight", &self.in_flight).field("broken", &self.broken).finish()
    }
}

/// The driver's connection, and what we know of its prepared statements.
pub(crate) struct Driver {
    raw: PgConnection,
    types: PreparedTypes,
    ran: Ran,
    /// How many changes of the tables its prepared statements know of.
    changes: u64,
}

impl Driver {
    pub(super) fn new(raw: PgConnection, changes: u64) -> Self {
        Self { raw, types: PreparedTypes::default(), ran: Ran::default(), changes }
    }

    /// Asks whether the server is there: a round trip, and no statement.
    pub(super) async fn ping(&mut self) -> sqlx::Result<()> {
        self.raw.ping().await
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes
    }
}

enum Handle {
    Own {
        lease: Lease<Driver>,
        options: Arc<ConnectOptions>,
    },
    Shared {
        connection: PoolConnection<Postgres>,
        /// How long it may take to answer what never takes long.
        answer: Duration,
    },
    /// Given away or closed.
    Gone,
}

impl Handle {
    fn get(&mut self) -> Option<&mut PgConnection> {
        match self {
            Self::Own { lease, .. } => lease.get().map(|driver| &mut driver.raw),
            Self::Shared { connection, .. } => Some(connection),
            Self::Gone => None,
        }
    }

    /// How long the server may take to answer what never takes long, and to roll back what was left.
    fn limits(&self) -> (Duration, Duration) {
        const LONGEST_ROLLBACK: Duration = Duration::from_secs(5);
        let answer = match self {
            Self::Own { options, .. } => options.limits.answer,
            Self::Shared { answer, .. } => *answer,
            Self::Gone => LONGEST_ROLLBACK,
        };
        (answer, answer.min(LONGEST_ROLLBACK))
    }

    /// The connection, the text of a statement for it, and whether that stays prepared.
    fn prepare(&mut self, statement: &Statement) -> Option<(&mut PgConnection, SqlStr, Keep)> {
        match self {
            Self::Own { lease, options } => lease.get().map(|driver| {
                if options.pooler.is_some() {
                    return (&mut driver.raw, driver_text(&statement.sql), Keep::No);
                }
                let (text, keep) = driver.types.text(&statement.sql, &statement.values);
                (&mut driver.raw, text, keep)
            }),
            Self::Shared { connection, .. } => {
                let keep = if Recurring::is_long(&statement.sql) { Keep::Alone } else { Keep::Yes };
                Some((connection, with_types(&statement.sql, &statement.values), keep))
            }
            Self::Gone => None,
        }
    }

    /// The pooler between us and the server.
    fn pooler(&self) -> Option<&Pooler> {
        match self {
            Self::Own { options, .. } => options.pooler.as_ref(),
            Self::Shared { .. } | Self::Gone => None,
        }
    }

    /// Closes the socket at once; the server rolls back what was open.
    fn close(self) {
        match self {
            Self::Own { mut lease, .. } => lease.discard(),
            Self::Shared { connection, .. } => drop(connection.detach()),
            Self::Gone => {}
        }
    }
}

/// A connection on its way back to the pool: closed unless it is known to be as it was given out, also when the runtime ends before.
struct Abandoned {
    handle: Handle,
    transaction: LeftOpen,
    traces: Traces,
}

/// Whether a transaction is to be rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LeftOpen {
    No,
    Yes,
}

impl Abandoned {
    /// Cleans up elsewhere; without a runtime, or where the program's own pool decides what a connection is like, closes.
    fn spawn(self) {
        let is_shared = matches!(self.handle, Handle::Shared { .. });
        if is_shared && self.traces == Traces::Left {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(self.clean_up());
        }
    }

    async fn clean_up(mut self) {
        let (_, limit) = self.handle.limits();
        let cleaned = within(limit, async {
            if self.transaction == LeftOpen::Yes {
                let Some(connection) = self.handle.get() else { return Ok(()) };
                connection.execute(sqlx::raw_sql("ROLLBACK")).await?;
            }
            match (&mut self.handle, self.traces) {
                (Handle::Own { lease, options }, Traces::Left) => match lease.get() {
                    Some(driver) => restore(&mut driver.raw, options).await,
                    None => Ok(()),
                },
                _ => Ok(()),
            }
        });
        if matches!(cleaned.await, Ok(Ok(()))) {
            drop(mem::replace(&mut self.handle, Handle::Gone));
        }
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        mem::replace(&mut self.handle, Handle::Gone).close();
    }
}

impl PostgresConnection {
    pub(super) fn own(lease: Lease<Driver>, options: Arc<ConnectOptions>) -> Self {
        let untried = lease.is_reused();
        Self::new(Handle::Own { lease, options }, untried)
    }

    /// A connection of the user's pool, whose options decide how it is opened: it is not replaced when it is dead.
    pub(super) fn shared(connection: PoolConnection<Postgres>, answer: Duration) -> Self {
        Self::new(Handle::Shared { connection, answer }, true)
    }

    fn new(handle: Handle, untried: bool) -> Self {
        Self {
            handle,
            untried,
            in_flight: false,
            refused: false,
            refusal: None,
            in_transaction: false,
            broken: false,
            lost: false,
            traces: Traces::None,
        }
    }

    /// The program may have changed what the connection is to those that come after: it is put in order before it is given back. Behind a
    /// pooler the connection of the server is another one by then.
    pub(crate) fn leave_traces(&mut self) {
        if !self.is_behind_a_pooler() {
            self.traces = Traces::Left;
        }
    }

    /// Whether the future of an earlier statement was dropped before its end.
    pub(crate) fn was_interrupted(&self) -> bool {
        self.in_flight
    }

    /// Whether the connection broke: only giving it up is left.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether it broke without a word of the server, so that what was sent last may have been done.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost
    }

    /// The driver's connection, for code of the user: dropped before its end, that counts as a statement that was cut off.
    pub(crate) fn lend(&mut self) -> Option<Lent<'_>> {
        let connection = self.handle.get()?;
        self.in_flight = true;
        Some(Lent { connection, in_flight: &mut self.in_flight })
    }

    /// Runs a query and hands out its rows as they arrive.
    pub(crate) async fn fetch(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        self.run(statement, each).await.map(|done| done.rows)
    }

    /// Runs a statement for its effect: the number of rows that it changed.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64> {
        self.run(statement, &mut |_| Ok(())).await.map(|done| done.affected)
    }

    /// Whether each transaction may have another server connection.
    pub(crate) fn is_behind_a_pooler(&self) -> bool {
        self.handle.pooler().is_some()
    }

    /// What the server is told for BEGIN: behind a pooler settings are those of a transaction.
    fn command_text(&self, statement: &Statement) -> SqlStr {
        match self.handle.pooler().and_then(|pooler| pooler.settings.as_ref()) {
            Some(settings) if statement.is_begin() => {
                AssertSqlSafe(format!("{}; {settings}", &*statement.sql)).into_sql_str()
            }
            _ => driver_text(&statement.sql),
        }
    }

    /// Runs a statement that has no values and gives no rows (BEGIN and its like) in one message, unprepared. Not answered within
    /// `limit`, the connection is given up.
    pub(crate) async fn command(&mut self, statement: &Statement, limit: Option<Duration>) -> Result<()> {
        let again = statement.may_run_twice();
        loop {
            let text = self.command_text(statement);
            // One that was idle may be dead, and there is another way then.
            let (answer, _) = self.handle.limits();
            let limit = limit.map(|limit| if self.untried { limit.min(answer) } else { limit });
            self.in_flight = true;
            let result = match self.handle.get() {
                Some(connection) => answered(limit, connection.execute(sqlx::raw_sql(text))).await,
                None => return Err(gone()),
            };
            self.in_flight = false;
            match result {
                Ok(_) => {
                    self.untried = false;
                    match StatementKind::of(&statement.sql) {
                        StatementKind::Begin => self.in_transaction = true,
                        StatementKind::Commit | StatementKind::Rollback => self.in_transaction = false,
                        _ => {}
                    }
                    return Ok(());
                }
                Err(error) => self.recover(error, again, 0).await?,
            }
        }
    }

    async fn run(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<Done> {
        if !self.is_behind_a_pooler() || !statement.gives_rows() || self.knows_types_of(statement) {
            return self.send(statement, each).await;
        }
        // The driver asks the server for types that it meets for the first time, in between: the server forgets the unnamed statement.
        self.savepoint_of_types("SAVEPOINT orm_types").await?;
        let mut result = self.send(statement, each).await;
        if result.is_err() && self.take_refusal() == Some(Refusal::Forgotten) {
            self.savepoint_of_types("ROLLBACK TO SAVEPOINT orm_types").await?;
            self.refused = false;
            result = self.send(statement, each).await;
        }
        if result.is_ok() {
            self.savepoint_of_types("RELEASE SAVEPOINT orm_types").await?;
        }
        result
    }

    async fn savepoint_of_types(&mut self, sql: &'static str) -> Result<()> {
        let (answer, _) = self.handle.limits();
        self.command(&Statement::text(sql), Some(answer)).await
    }

    /// Why the last statement that failed could not run as it was sent.
    pub(crate) fn take_refusal(&mut self) -> Option<Refusal> {
        self.refusal.take()
    }

    /// Whether the text was sent before, so that the driver knows the types of its rows.
    fn knows_types_of(&mut self, statement: &Statement) -> bool {
        match &mut self.handle {
            Handle::Own { lease, .. } => lease.get().is_none_or(|driver| driver.types.has_seen(&statement.sql)),
            Handle::Shared { .. } | Handle::Gone => true,
        }
    }

    async fn send(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<Done> {
        let mut prepared_anew = false;
        loop {
            let instead = "Bind one array instead: `= ANY(?)`, or send it in parts";
            check_count("PostgreSQL", statement.values.len(), MOST_VALUES, instead)?;
            let bound = arguments(&statement.values)?;
            let mut done = Done::default();
            self.in_flight = true;
            let result = match self.handle.prepare(statement) {
                Some((connection, sql, keep)) => stream(connection, sql, keep, bound, each, &mut done).await,
                None => return Err(gone()),
            };
            self.in_flight = false;
            match result {
                Ok(()) => {
                    self.untried = false;
                    if let Handle::Own { lease, .. } = &mut self.handle
                        && let Some(driver) = lease.get()
                    {
                        driver.ran.note(statement);
                    }
                    return match done.failed {
                        Some(error) => Err(error),
                        None => Ok(done),
                    };
                }
                // Behind a pooler nothing is prepared for longer than a statement.
                Err(error) if !self.is_behind_a_pooler() && self.is_stale(&error, statement) => {
                    let forgotten = self.forget_statements().await;
                    // Inside a transaction the error has already undone it.
                    if prepared_anew || self.in_transaction || done.rows > 0 || !forgotten {
                        self.refused = true;
                        return Err(stale(error));
                    }
                    prepared_anew = true;
                }
                Err(error) => self.recover(error, statement.may_run_twice(), done.rows).await?,
            }
        }
    }

    /// After an error: puts the connection in order if the same statement may be sent again, else gives our error.
    async fn recover(&mut self, error: sqlx::Error, may_run_twice: bool, rows: u64) -> Result<()> {
        let untried = mem::take(&mut self.untried);
        let broken = is_broken(&error);
        if untried
            && broken
            && rows == 0
            && (may_run_twice || is_farewell(&error))
            && let Handle::Own { lease, options } = &mut self.handle
        {
            lease.discard();
            self.broken = true;
            lease.replace(connect(options).await?);
            self.broken = false;
            return Ok(());
        }
        self.broken |= broken;
        self.lost |= broken && !matches!(error, sqlx::Error::Database(_));
        self.refused = true;
        self.refusal = Refusal::of(&error);
        Err(classify(error))
    }

    /// Whether the server refused a statement since the last time, so that an open transaction has failed. What is refused here
    /// (a value that cannot be bound, a row that the caller cannot use) leaves it as it was.
    pub(crate) fn take_refused(&mut self) -> bool {
        mem::take(&mut self.refused)
    }

    fn is_stale(&mut self, error: &sqlx::Error, statement: &Statement) -> bool {
        let ran = match &mut self.handle {
            Handle::Own { lease, .. } => lease.get().map(|driver| &driver.ran),
            Handle::Shared { .. } | Handle::Gone => None,
        };
        is_stale(error, statement, ran)
    }

    /// Drops the prepared statements, which no longer fit the tables, and those of the other connections of the pool when these are
    /// next used. Whether it worked.
    async fn forget_statements(&mut self) -> bool {
        if let Handle::Own { lease, options } = &mut self.handle
            && let Some(driver) = lease.get()
        {
            driver.types.clear();
            driver.ran.clear();
            driver.changes = options.note_change();
        }
        let (answer, _) = self.handle.limits();
        let Some(connection) = self.handle.get() else { return false };
        self.in_flight = true;
        let forgotten = answered(answer, connection.clear_cached_statements()).await;
        self.in_flight = false;
        self.broken |= forgotten.is_err();
        forgotten.is_ok()
    }

    /// Ends an interrupted statement: reads what the server still sends, rolls back as `sql` says. When that takes too long, closes.
    pub(crate) async fn settle(&mut self, sql: &'static str, limit: Duration) {
        let Some(connection) = self.handle.get() else { return };
        self.in_flight = true;
        let rolled_back = within(limit, connection.execute(sqlx::raw_sql(sql))).await;
        self.in_flight = false;
        self.in_transaction = false;
        if !matches!(rolled_back, Ok(Ok(_))) {
            self.broken = true;
            mem::replace(&mut self.handle, Handle::Gone).close();
        }
    }

    /// Gives the connection up while a transaction is open: it is rolled back elsewhere, or closed.
    pub(crate) fn abandon_transaction(&mut self) {
        self.abandon(LeftOpen::Yes);
    }

    fn abandon(&mut self, transaction: LeftOpen) {
        let handle = mem::replace(&mut self.handle, Handle::Gone);
        let abandoned = Abandoned { handle, transaction, traces: self.traces };
        // Cut off in the middle of a statement, nobody knows what the server is about to answer: no more talk.
        if !self.in_flight && !self.broken {
            abandoned.spawn();
        }
    }
}

impl Drop for PostgresConnection {
    fn drop(&mut self) {
        // The driver's pool wants a runtime to take a connection back; ours does not.
        let homeless = matches!(self.handle, Handle::Shared { .. }) && tokio::runtime::Handle::try_current().is_err();
        if self.in_flight || self.broken || homeless {
            mem::replace(&mut self.handle, Handle::Gone).close();
        } else if self.traces == Traces::Left {
            self.abandon(LeftOpen::No);
        }
    }
}

/// A connection in the hands of the user's code.
pub(crate) struct Lent<'c> {
    connection: &'c mut PgConnection,
    in_flight: &'c mut bool,
}

impl Lent<'_> {
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        self.connection
    }

    /// The code has come to its end.
    pub(crate) fn done(self) {
        *self.in_flight = false;
    }
}

#[cold]
fn gone() -> Error {
    Error::new(ErrorKind::Connection, "the connection was closed: roll back, and begin again")
}
