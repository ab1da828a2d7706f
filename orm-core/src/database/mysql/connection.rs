//! One MySQL connection, and what becomes of it when a future is dropped in the middle of a statement.

use std::{mem, sync::Arc, time::Duration};

use futures_util::TryStreamExt as _;
use sqlx::{
    AssertSqlSafe, Connection as _, Either, Executor as _, MySql, SqlSafeStr as _, SqlStr, Statement as _,
    mysql::{MySqlArguments, MySqlQueryResult},
    pool::PoolConnection,
};

use super::{
    bind::arguments,
    error::{
        classify_statement, ended_the_transaction, is_broken, is_exhausted, is_farewell, is_for_text_alone,
        is_stale_plan, is_wrong_number,
    },
    implicit,
    row::column_types,
    server::Server,
    source::{ConnectOptions, connect},
};
use crate::{
    database::{
        capability::Capabilities,
        cells::Cells,
        limit::{answered, within},
        own_text::wrong_number,
        parameters::{check_count, check_packet},
        pool::{Lease, Traces},
        recurring::{Keep, Recurring},
        statement::{Author, Sql, Statement},
    },
    error::{Error, ErrorKind, Result},
    lexer::Syntax,
    value::MySqlType,
};

/// How often a statement is tried again when the server holds as many prepared ones as it may, and how long the server is given to
/// let go of those that were closed.
const ROOM_PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(20), Duration::from_millis(200)];

/// How many values one statement takes.
const MOST_VALUES: usize = 65_535;

pub(crate) struct MySqlConnection {
    handle: Handle,
    server: Server,
    /// No statement has run since it was acquired: the server may have closed it while it was idle.
    untried: bool,
    /// Set while a statement is under way; found set later, its future was dropped.
    in_flight: bool,
    /// The server undid the transaction since this was last asked.
    undone: bool,
    /// The connection is of no more use.
    broken: bool,
    /// It broke without a word of the server.
    lost: bool,
    /// The first key that the last statement generated.
    last_insert_id: u64,
    traces: Traces,
}

impl std::fmt::Debug for MySqlConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MySqlConnection").field("in_flight", &self.in_flight).field("broken", &self.broken).finish()
    }
}

/// The driver's connection, and what we know of it.
pub(crate) struct Driver {
    raw: sqlx::MySqlConnection,
    server: Server,
    /// The texts that came by, with the number of their placeholders.
    texts: Recurring,
}

impl Driver {
    pub(super) fn new(raw: sqlx::MySqlConnection, server: Server) -> Self {
        Self { raw, server, texts: Recurring::default() }
    }

    /// Asks whether the server is there: a round trip, and no statement.
    pub(super) async fn ping(&mut self) -> sqlx::Result<()> {
        self.raw.ping().await
    }
}

enum Handle {
    Own {
        lease: Lease<Driver>,
        options: Arc<ConnectOptions>,
    },
    Shared {
        connection: PoolConnection<MySql>,
        /// How long it may take to answer what never takes long.
        answer: Duration,
    },
    /// Given away or closed.
    Gone,
}

impl Handle {
    fn get(&mut self) -> Option<&mut sqlx::MySqlConnection> {
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

    /// Closes the socket at once; the server rolls back what was open.
    fn close(self) {
        match self {
            Self::Own { mut lease, .. } => lease.discard(),
            Self::Shared { connection, .. } => drop(connection.detach()),
            Self::Gone => {}
        }
    }
}

/// A connection in a transaction, on its way to a rollback: closed unless that is known to have worked, also when the runtime
/// ends before.
struct Abandoned(Handle);

impl Abandoned {
    async fn roll_back(mut self) {
        let (_, limit) = self.0.limits();
        let Some(connection) = self.0.get() else { return };
        let rolled_back = within(limit, connection.execute(sqlx::raw_sql("ROLLBACK"))).await;
        if matches!(rolled_back, Ok(Ok(_))) {
            drop(mem::replace(&mut self.0, Handle::Gone));
        }
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        mem::replace(&mut self.0, Handle::Gone).close();
    }
}

impl MySqlConnection {
    pub(super) fn own(mut lease: Lease<Driver>, options: Arc<ConnectOptions>) -> Result<Self> {
        let untried = lease.is_reused();
        let server = lease.get().map(|driver| driver.server).ok_or_else(gone)?;
        Ok(Self::new(Handle::Own { lease, options }, server, untried))
    }

    /// A connection of the user's pool, whose options decide how it is opened: it is not replaced when it is dead.
    pub(super) fn shared(connection: PoolConnection<MySql>, server: Server, answer: Duration) -> Self {
        Self::new(Handle::Shared { connection, answer }, server, true)
    }

    fn new(handle: Handle, server: Server, untried: bool) -> Self {
        Self {
            handle,
            server,
            untried,
            in_flight: false,
            undone: false,
            broken: false,
            lost: false,
            last_insert_id: 0,
            traces: Traces::None,
        }
    }

    /// The program may have changed what the connection is to those that come after: the driver has no reset, so that it is closed.
    pub(crate) fn leave_traces(&mut self) {
        self.traces = Traces::Left;
    }

    /// Which server answers.
    pub(in crate::database) fn server(&self) -> Server {
        self.server
    }

    /// What the server can do.
    pub(crate) fn capabilities(&self) -> Capabilities {
        match &self.handle {
            Handle::Own { options, .. } => self.server.capabilities(&options.absent),
            Handle::Shared { .. } | Handle::Gone => self.server.capabilities(&[]),
        }
    }

    /// The server counts keys up by this step from now on.
    pub(crate) fn count_by(&mut self, step: u64) {
        self.server = self.server.counting_by(step);
        if let Handle::Own { lease, .. } = &mut self.handle
            && let Some(driver) = lease.get()
        {
            driver.server = self.server;
        }
    }

    /// The first key that the last statement generated; 0 where it generated none.
    pub(crate) fn last_insert_id(&self) -> u64 {
        self.last_insert_id
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

    /// Whether the server commits an open transaction before it runs this.
    pub(crate) fn commits(syntax: Syntax, sql: &str) -> bool {
        implicit::commits(syntax, sql)
    }

    /// Runs a query and hands out its rows as they arrive.
    pub(crate) async fn fetch(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        self.run(statement, each).await.map(|done| done.rows)
    }

    /// Runs a statement for its effect: the number of rows that it found to change.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64> {
        self.run(statement, &mut |_| Ok(())).await.map(|done| done.affected)
    }

    /// Runs statements that have no values and give no rows (BEGIN and its like) in one message, unprepared. Not answered within
    /// `limit`, the connection is given up.
    pub(crate) async fn command(&mut self, statement: &Statement, limit: Option<Duration>) -> Result<()> {
        let (sql, again) = (&statement.sql, statement.may_run_twice());
        // One that was idle may be dead, and there is another way then.
        let (answer, _) = self.handle.limits();
        let limit = limit.map(|limit| if self.untried { limit.min(answer) } else { limit });
        loop {
            self.in_flight = true;
            let result = match self.handle.get() {
                Some(connection) => answered(limit, connection.execute(sqlx::raw_sql(driver_text(sql)))).await,
                None => return Err(gone()),
            };
            self.in_flight = false;
            match result {
                Ok(_) => {
                    self.untried = false;
                    return Ok(());
                }
                Err(error) => self.recover(error, sql, again, 0).await?,
            }
        }
    }

    async fn run(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<Done> {
        self.last_insert_id = 0;
        let mut prepared_anew = false;
        let mut pauses = ROOM_PAUSES.iter();
        loop {
            let (bound, bytes) = arguments(&statement.values)?;
            check_count("MySQL", statement.values.len(), MOST_VALUES, "Send it in parts")?;
            check_packet(statement.sql.len(), bytes, self.server.packet)?;
            let mut done = Done::default();
            self.in_flight = true;
            let prepared = self.prepare(statement).await;
            if !matches!(&prepared, Ok(Prepared::Fits(_))) {
                self.in_flight = false;
            }
            // What could not be prepared did not run.
            let sent = prepared.is_ok();
            let result = match prepared {
                Ok(Prepared::Fits(keep)) => match self.handle.get() {
                    Some(connection) => stream(connection, &statement.sql, keep, bound, each, &mut done).await,
                    None => return Err(gone()),
                },
                Ok(Prepared::Takes(parameters)) => return Err(wrong_number(parameters, statement.values.len())),
                Err(error) if is_for_text_alone(&error) && statement.values.is_empty() => {
                    return self.command(statement, None).await.map(|()| done);
                }
                Err(error) => Err(error),
            };
            self.in_flight = false;
            match result {
                Ok(()) => {
                    self.untried = false;
                    self.last_insert_id = done.last_insert_id;
                    return match done.failed {
                        Some(error) => Err(error),
                        None => Ok(done),
                    };
                }
                Err(error)
                    if is_exhausted(&error)
                        && let Some(pause) = pauses.next() =>
                {
                    self.make_room(*pause).await?;
                }
                Err(error) if is_stale_plan(&error) => {
                    let forgotten = self.forget_statements().await;
                    // The statement alone was undone, and nothing of it was done: it goes on inside a transaction, too.
                    if prepared_anew || done.rows > 0 || !forgotten {
                        return Err(classify_statement(error, &statement.sql));
                    }
                    prepared_anew = true;
                }
                Err(error) => {
                    let again = statement.may_run_twice() || !sent;
                    self.recover(error, &statement.sql, again, done.rows).await?;
                }
            }
        }
    }

    /// Whether a statement stays prepared. What the renderer wrote has as many placeholders as values. Of the program's own that is
    /// asked first: the driver waits for ever for what a statement with too few values would answer. What is prepared here it finds in its
    /// cache when it runs it: no message more.
    async fn prepare(&mut self, statement: &Statement) -> sqlx::Result<Prepared> {
        let (sql, values) = (&statement.sql, statement.values.len());
        let is_rendered = statement.author == Author::Library;
        if Recurring::is_long(sql) {
            return Ok(Prepared::Fits(Keep::No));
        }
        match &mut self.handle {
            Handle::Own { lease, .. } => {
                let Some(driver) = lease.get() else { return Ok(Prepared::Fits(Keep::No)) };
                if is_rendered {
                    return Ok(Prepared::Fits(driver.texts.comes(sql, values as u64).unwrap_or(Keep::No)));
                }
                if let Some(known) = driver.texts.note(sql) {
                    return Ok(Prepared::of(usize::try_from(known).unwrap_or(usize::MAX), values, Keep::Yes));
                }
                let parameters = prepare(&mut driver.raw, sql).await?;
                let keep = driver.texts.keep(sql, parameters as u64);
                Ok(Prepared::of(parameters, values, keep))
            }
            Handle::Shared { .. } if is_rendered => Ok(Prepared::Fits(Keep::Yes)),
            Handle::Shared { connection, .. } => {
                prepare(connection, sql).await.map(|parameters| Prepared::of(parameters, values, Keep::Yes))
            }
            Handle::Gone => Ok(Prepared::Fits(Keep::No)),
        }
    }

    /// The server holds as many prepared statements as it may, of all its clients: lets go of those of this connection and of those that
    /// nobody uses now.
    async fn make_room(&mut self, pause: Duration) -> Result<()> {
        self.in_flight = true;
        if let Handle::Own { lease, .. } = &self.handle {
            lease.close_idle();
        }
        let forgotten = self.forget_statements().await;
        if forgotten && !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        self.in_flight = false;
        if forgotten { Ok(()) } else { Err(gone()) }
    }

    /// After an error: puts the connection in order if the same statement may be sent again, else gives our error.
    async fn recover(&mut self, error: sqlx::Error, sql: &str, may_run_twice: bool, rows: u64) -> Result<()> {
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
        self.broken |= broken || is_wrong_number(&error);
        self.lost |= broken && !matches!(error, sqlx::Error::Database(_));
        self.undone |= ended_the_transaction(&error, self.server.rolls_back_on_timeout);
        Err(classify_statement(error, sql))
    }

    /// Whether the server has undone the open transaction since the last time: the victim of a deadlock. Other errors undo their
    /// statement and leave the transaction as it was before it.
    pub(crate) fn take_undone(&mut self) -> bool {
        mem::take(&mut self.undone)
    }

    /// Drops the prepared statements, which no longer fit the tables. Whether it worked.
    async fn forget_statements(&mut self) -> bool {
        if let Handle::Own { lease, .. } = &mut self.handle
            && let Some(driver) = lease.get()
        {
            driver.texts.clear();
        }
        let (answer, _) = self.handle.limits();
        let Some(connection) = self.handle.get() else { return false };
        self.in_flight = true;
        let forgotten = answered(answer, connection.clear_cached_statements()).await;
        self.in_flight = false;
        self.broken |= forgotten.is_err();
        forgotten.is_ok()
    }

    /// Ends an interrupted statement: reads what the server still sends, rolls back. When that takes too long, closes.
    pub(crate) async fn settle(&mut self) {
        // The driver may have been cut off between two packets of which it keeps no count: only a new connection is surely in order.
        self.broken = true;
        mem::replace(&mut self.handle, Handle::Gone).close();
        self.in_flight = false;
    }

    /// Gives the connection up while a transaction is open: it is rolled back elsewhere, or closed.
    pub(crate) fn abandon_transaction(&mut self) {
        let abandoned = Abandoned(mem::replace(&mut self.handle, Handle::Gone));
        // Cut off in the middle of a statement, nobody knows what the server is about to answer: no more talk.
        if self.in_flight || self.broken || self.traces == Traces::Left {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(abandoned.roll_back());
        }
    }

    /// Closes the connection when it is dropped, instead of giving it back.
    pub(crate) fn discard(&mut self) {
        self.broken = true;
    }
}

impl Drop for MySqlConnection {
    fn drop(&mut self) {
        // The driver's pool wants a runtime to take a connection back; ours does not.
        let homeless = matches!(self.handle, Handle::Shared { .. }) && tokio::runtime::Handle::try_current().is_err();
        if self.in_flight || self.broken || homeless || self.traces == Traces::Left {
            mem::replace(&mut self.handle, Handle::Gone).close();
        }
    }
}

/// Whether a text takes the values that are there.
enum Prepared {
    Fits(Keep),
    Takes(usize),
}

impl Prepared {
    fn of(parameters: usize, values: usize, keep: Keep) -> Self {
        if parameters == values { Self::Fits(keep) } else { Self::Takes(parameters) }
    }
}

/// Prepares a text, unless the driver has; gives the number of its placeholders.
async fn prepare(connection: &mut sqlx::MySqlConnection, sql: &Sql) -> sqlx::Result<usize> {
    let statement = connection.prepare(driver_text(sql)).await?;
    Ok(match statement.parameters() {
        Some(Either::Right(count)) => count,
        Some(Either::Left(types)) => types.len(),
        None => 0,
    })
}

#[derive(Default)]
struct Done {
    rows: u64,
    affected: u64,
    last_insert_id: u64,
    /// The caller refused a row: the rest is read and dropped, so that the connection is in order.
    failed: Option<Error>,
}

impl Done {
    fn add(&mut self, result: &MySqlQueryResult) {
        self.affected += result.rows_affected();
        self.last_insert_id = result.last_insert_id();
    }
}

async fn stream(
    connection: &mut sqlx::MySqlConnection,
    sql: &Sql,
    keep: Keep,
    arguments: MySqlArguments,
    each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    done: &mut Done,
) -> sqlx::Result<()> {
    if keep == Keep::Alone {
        connection.clear_cached_statements().await?;
    }
    let mut types: Vec<MySqlType> = Vec::new();
    let query = sqlx::query_with(driver_text(sql), arguments).persistent(keep != Keep::No);
    let mut answers = connection.fetch_many(query);
    while let Some(answer) = answers.try_next().await? {
        match answer {
            Either::Left(result) => done.add(&result),
            Either::Right(row) => {
                if done.rows == 0 {
                    types = column_types(&row);
                }
                done.rows += 1;
                if done.failed.is_none() {
                    done.failed = each(&Cells::mysql(&row, &types)).err();
                }
            }
        }
    }
    Ok(())
}

/// The text as it is.
fn driver_text(sql: &Sql) -> SqlStr {
    match sql {
        Sql::Static(text) => text.into_sql_str(),
        // Texts come from the renderer, with placeholders for all values, or from the user's own `execute`.
        Sql::Shared(text) => AssertSqlSafe(Arc::clone(text)).into_sql_str(),
    }
}

#[cold]
fn gone() -> Error {
    Error::new(ErrorKind::Connection, "the connection was closed: roll back, and begin again")
}
