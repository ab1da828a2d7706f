//! How a [`Database`] connects.

use std::{fmt, path::PathBuf, time::Duration};

use super::{Database, capability::Without, limit::Limits, log::LogValues, url::Target};
use crate::error::Result;

/// When a transaction on SQLite takes the lock for writing. The other databases have no such choice and ignore it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BeginMode {
    /// At the first write. A transaction that has read before may then fail with
    /// [`ErrorKind::Serialization`](crate::error::ErrorKind::Serialization), when another one has written meanwhile: begin again.
    #[default]
    Deferred,
    /// At once: waits for other writers at its start and never fails later for their sake.
    Immediate,
}

/// How far a transaction is kept apart from others. SQLite is always serializable and ignores it. Unless it is set, the server's own
/// default counts: [`ReadCommitted`](Self::ReadCommitted) on PostgreSQL, [`RepeatableRead`](Self::RepeatableRead) on MySQL and MariaDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// Every statement sees what was committed before the transaction. On MySQL and MariaDB that goes for what is only read: writes,
    /// `for_update` and their filters see what was committed before the statement, and nothing of it fails.
    RepeatableRead,
    /// As if transactions ran one after the other; some fail with
    /// [`ErrorKind::Serialization`](crate::error::ErrorKind::Serialization) and are tried again.
    Serializable,
}

/// Options of a [`Database`], from [`Database::options`]; [`connect`](Self::connect) ends it.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn run() -> orm_core::error::Result<()> {
/// use orm_core::database::Database;
///
/// let db = Database::options("postgres://localhost/shop").max_connections(20).acquire_timeout(Duration::from_secs(3)).connect().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "nothing happens before `connect`"]
pub struct DatabaseOptions {
    url: String,
    pub(crate) max_connections: u32,
    pub(crate) limits: Limits,
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) statement_cache_capacity: usize,
    pub(crate) begin_mode: BeginMode,
    pub(crate) log_values: LogValues,
    pub(crate) absent: Vec<Without>,
    pub(crate) between: Between,
    pub(crate) after_connect: Vec<String>,
    pub(crate) transport: Transport,
}

/// What is asked of the way to a server, beside what its URL says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transport {
    pub(crate) tls: Tls,
    pub(crate) ca_file: Option<PathBuf>,
}

/// Whether a server without TLS will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tls {
    #[default]
    AsTheUrlSays,
    Required,
}

/// Who stands between the program and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Between {
    Nobody,
    /// Gives each transaction a server connection, another one each time.
    TransactionPooler,
}

/// Without the URL, which may hold a password.
impl fmt::Debug for DatabaseOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseOptions")
            .field("max_connections", &self.max_connections)
            .field("limits", &self.limits)
            .field("lock_timeout", &self.lock_timeout)
            .field("statement_cache_capacity", &self.statement_cache_capacity)
            .field("begin_mode", &self.begin_mode)
            .field("between", &self.between)
            .finish_non_exhaustive()
    }
}

impl DatabaseOptions {
    pub(crate) fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::without_url() }
    }

    pub(crate) fn without_url() -> Self {
        Self {
            url: String::new(),
            max_connections: 10,
            limits: Limits {
                connect: Duration::from_secs(10),
                acquire: Duration::from_secs(30),
                answer: Duration::from_secs(10),
                commit: Duration::from_secs(300),
                statement: None,
            },
            lock_timeout: None,
            statement_cache_capacity: 512,
            begin_mode: BeginMode::Deferred,
            log_values: LogValues::Never,
            absent: Vec::new(),
            between: Between::Nobody,
            after_connect: Vec::new(),
            transport: Transport::default(),
        }
    }

    /// How many connections may be open at once; 10 unless set. A session holds one while its transaction is open.
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.max_connections = connections;
        self
    }

    /// How long to wait for a connection before [`ErrorKind::Timeout`](crate::error::ErrorKind::Timeout); 30 seconds unless set.
    ///
    /// It is also how long an operation of a session waits while another one of the same session has lent the connection to code of the
    /// program ([`with_connection`](crate::session::Session::with_connection)).
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.limits.acquire = timeout;
        self
    }

    /// How long it may take to open a connection, from the first packet to the end of the handshake, before
    /// [`ErrorKind::Timeout`](crate::error::ErrorKind::Timeout); 10 seconds unless set, and never longer than
    /// [`acquire_timeout`](Self::acquire_timeout). SQLite has no such wait.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.limits.connect = timeout;
        self
    }

    /// How long the server may take to answer what never takes long: BEGIN, ROLLBACK, and savepoints; 10 seconds unless set. After that
    /// the connection is closed and the answer is [`ErrorKind::Timeout`](crate::error::ErrorKind::Timeout); a connection that was idle
    /// before is replaced by a new one. One that was idle for longer than this is asked first whether the server is there, which takes a
    /// round trip and no statement. So no `rollback` and no `close` waits longer on a network that has gone silent.
    pub fn answer_timeout(mut self, timeout: Duration) -> Self {
        self.limits.answer = timeout;
        self
    }

    /// How long the server may take to answer COMMIT before [`ErrorKind::CommitUnknown`](crate::error::ErrorKind::CommitUnknown); 5 minutes
    /// unless set, since deferred constraints and replicas can take their time.
    pub fn commit_timeout(mut self, timeout: Duration) -> Self {
        self.limits.commit = timeout;
        self
    }

    /// How long a statement may run before [`ErrorKind::Timeout`](crate::error::ErrorKind::Timeout). Unless set there is no limit: a
    /// statement takes as long as the server works on it.
    ///
    /// The server itself ends the statement (`statement_timeout` on PostgreSQL, `max_statement_time` on MariaDB, `max_execution_time` on MySQL,
    /// which counts for SELECT alone), and the connection stays in order. Where no answer comes for
    /// [`answer_timeout`](Self::answer_timeout) longer, the network is given up. SQLite, which runs inside the process, ignores it.
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.limits.statement = Some(timeout);
        self
    }

    /// How long a statement may wait for a lock that another transaction holds before
    /// [`ErrorKind::Timeout`](crate::error::ErrorKind::Timeout). Unless set: 5 seconds on SQLite, elsewhere what the
    /// server says (by default: without end on PostgreSQL, 50 seconds on MySQL, which counts whole ones). The wait on SQLite is asynchronous: no thread of the runtime is held.
    #[doc(alias = "busy_timeout")]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = Some(timeout);
        self
    }

    /// How many prepared statements each connection keeps; 512 unless set, and one at least on the servers. More than the program has
    /// shapes of statement. For a pooler that gives each transaction another connection: [`transaction_pooler`](Self::transaction_pooler).
    ///
    /// On PostgreSQL and MySQL all that one connection keeps is at most 256 KiB of text. On MySQL a statement is kept when it comes for the
    /// second time, unless its text is longer than 64 KiB. A MySQL server has one limit for the prepared statements of all its clients
    /// (`max_prepared_stmt_count`, 16,382 unless set), so that the connections of one `Database` share 8,192 there: 256 each where
    /// there are 32. At that limit (error 1461) a connection closes what it and the idle ones hold, and tries again.
    pub fn statement_cache_capacity(mut self, statements: usize) -> Self {
        self.statement_cache_capacity = statements;
        self
    }

    /// PostgreSQL is behind a pooler that gives each transaction another server connection: PgBouncer in transaction mode, and others of its
    /// kind. Also said by the URL: `postgres://user@host:6432/shop?transaction_pooler=true`. Other databases ignore it.
    ///
    /// Without it such a pooler gives errors about prepared statements, or rows of another client's statement. With it no statement is
    /// named, nothing is set for longer than a transaction, and the connection is opened without the parameters `options` and
    /// `extra_float_digits`.
    ///
    /// What it costs: the server parses and plans each statement anew, one message and answer more; a statement outside of a session is a
    /// transaction, two more; the first time that a connection sends a text, it is sent within a savepoint, two more. The code in
    /// [`with_connection`](crate::session::Session::with_connection) must send its queries with sqlx's `persistent(false)`.
    #[doc(alias = "pgbouncer")]
    pub fn transaction_pooler(mut self) -> Self {
        self.between = Between::TransactionPooler;
        self
    }

    /// A server without TLS is an error, whatever the URL's mode is; nothing is sent to it. On SQLite it means nothing.
    ///
    /// Alone this keeps out who listens. Who stands in between is kept out by a mode that looks at the certificate, `sslmode=verify-full`
    /// or `ssl-mode=VERIFY_IDENTITY`: see the table at [`Database::connect`]. Without a mode in the URL this is `require` and `REQUIRED`, and with
    /// a [`ca_file`](Self::ca_file) the certificate and the name of the host are looked at.
    #[doc(alias = "ssl")]
    pub fn require_tls(mut self) -> Self {
        self.transport.tls = Tls::Required;
        self
    }

    /// A file of certificates (PEM), one of which must have signed the server's. Those that the system trusts count as well.
    ///
    /// Without a mode in the URL the certificate and the name of the host are looked at (`verify-full`, `VERIFY_IDENTITY`); with `require` or
    /// `REQUIRED` the certificate alone, as libpq does.
    #[doc(alias = "sslrootcert")]
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.transport.ca_file = Some(path.into());
        self
    }

    /// A statement that every new connection begins with: `SET` a time limit, a `PRAGMA`, a role. Several run in the order in which they were
    /// given here.
    ///
    /// A connection is given back as it was given out: what a statement of the program's own changes for the connection (`SET`, `USE`,
    /// `ATTACH`, temporary tables, advisory locks) ends with the transaction or the `execute` that it was in. What is to hold for all belongs here.
    ///
    /// # Errors
    /// When connecting: what the database refused; [`ErrorKind::Configuration`](crate::error::ErrorKind::Configuration) behind a
    /// [`transaction_pooler`](Self::transaction_pooler), whose connections are others' as well: set it for the role or the database there.
    pub fn after_connect(mut self, sql: impl Into<String>) -> Self {
        self.after_connect.push(sql.into());
        self
    }

    /// When transactions on SQLite take the lock for writing, unless a session says otherwise.
    pub fn begin_mode(mut self, mode: BeginMode) -> Self {
        self.begin_mode = mode;
        self
    }

    /// Adds the bound values to the `tracing` events of target `orm::sql`, those of sensitive columns among them: for debugging only.
    pub fn log_values(mut self) -> Self {
        self.log_values = LogValues::Always;
        self
    }

    /// Does without what the server can do: for tests of how that is done.
    #[doc(hidden)]
    pub fn without(mut self, absent: Without) -> Self {
        self.absent.push(absent);
        self
    }

    /// Connects, and checks that the database answers.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::error::ErrorKind::Configuration) for a URL that this build does not understand or a file
    /// that is no database; [`ErrorKind::Connection`](crate::error::ErrorKind::Connection) when nobody answers.
    pub async fn connect(self) -> Result<Database> {
        let target = Target::parse(&self.url)?;
        Database::open(target, self).await
    }
}
