//! Databases: connections, statements, transactions. Only the files in here name a driver.

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("orm-core needs a backend: enable the feature `sqlite`, `postgres` or `mysql`");

mod capability;
mod cells;
mod classify;
mod connection;
mod definition;
mod limit;
mod log;
#[cfg(feature = "mysql")]
mod mysql;
mod once;
mod options;
mod own_text;
mod parameters;
mod polled;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod recurring;
mod sandbox;
#[cfg(feature = "sqlite")]
mod sqlite;
pub(crate) mod statement;
#[cfg(test)]
mod tests;
mod traces;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod transport;
mod url;

use std::{panic::Location, sync::Arc};

use futures_util::future::BoxFuture;

use self::{connection::Driver, log::Watch, url::Target};
use crate::{
    error::Result,
    lexer::{Marks, Syntax},
    query::sql::{self, TextCache},
    schema::EntityDef,
    value::Value,
};

#[doc(hidden)]
pub use self::capability::Without;
/// The connection of rusqlite that [`with_sqlite_connection`](crate::session::Session::with_sqlite_connection) lends.
#[cfg(feature = "sqlite")]
pub use rusqlite::Connection as RusqliteConnection;
/// The connection of sqlx that [`with_connection`](crate::session::Session::with_connection) lends.
#[cfg(feature = "postgres")]
pub use sqlx::PgConnection;

#[cfg(feature = "sqlite")]
#[doc(hidden)]
pub use self::sqlite::profile_sqlite;
pub(crate) use self::{
    capability::{Capabilities, Checks, GeneratedKeys, Reads},
    connection::Connection,
    limit::Sleep,
    own_text::transaction_frame,
    polled::{Entered, Polled, Unpolled},
    statement::Statement,
    traces::only_reads,
};
pub use self::{
    cells::Cells,
    log::{LoggedStatement, StatementLog},
    options::{BeginMode, DatabaseOptions, Isolation},
    sandbox::Sandbox,
    statement::StatementKind,
};

/// Which kind of database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// SQLite, in the process.
    #[cfg(feature = "sqlite")]
    Sqlite,
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres,
    /// MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    MySql,
}

impl Backend {
    /// How its SQL is written.
    pub(crate) fn dialect(self) -> sql::Dialect {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => sql::Dialect::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres => sql::Dialect::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql => sql::Dialect::MySql,
        }
    }

    /// How it reads a text, unless it was told otherwise.
    pub(crate) fn syntax(self) -> Syntax {
        Syntax::of(self.dialect())
    }

    /// Its name, for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => "SQLite",
            #[cfg(feature = "postgres")]
            Self::Postgres => "PostgreSQL",
            #[cfg(feature = "mysql")]
            Self::MySql => "MySQL",
        }
    }
}

/// A database: a pool of connections, cheap to clone, to be kept for the life of the program.
///
/// ```no_run
/// # async fn run() -> orm_core::error::Result<()> {
/// use orm_core::database::Database;
///
/// let db = Database::connect("sqlite::memory:").await?;
/// let changed = db.execute("DELETE FROM users WHERE id = ?", vec![7_i64.into()]).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Database(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    texts: TextCache,
    begin_mode: BeginMode,
    absent: Vec<Without>,
    limits: limit::Limits,
    watch: Arc<Watch>,
    warnings: once::Warnings,
}

#[derive(Debug)]
enum Source {
    /// The transaction of another database.
    Sandbox(sandbox::SandboxSource),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::SqliteSource),
    #[cfg(feature = "postgres")]
    Postgres(postgres::PostgresSource),
    #[cfg(feature = "mysql")]
    MySql(mysql::MySqlSource),
}

impl Source {
    fn backend(&self) -> Backend {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Backend::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Backend::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql(_) => Backend::MySql,
            Self::Sandbox(source) => source.backend,
        }
    }
}

impl Database {
    /// Connects with the default options.
    ///
    /// | URL | |
    /// |---|---|
    /// | `sqlite::memory:` | one database for all sessions of this `Database`, gone with it |
    /// | `sqlite://data.db`, `sqlite:/tmp/data.db?mode=rw` | a file, created unless `mode` is `rw` or `ro`; in WAL mode where it can be |
    /// | `postgres://user:password@host/name`, `postgresql://..` | |
    /// | `mysql://user:password@host/name`, `mariadb://..` | older servers than MySQL 8.0 and MariaDB 10.5 are refused |
    ///
    /// Parameters after the `?` of a server's URL, with what needs it escaped (`%20`); any other is an error that names it:
    ///
    /// | PostgreSQL | MySQL, MariaDB | |
    /// |---|---|---|
    /// | `sslmode` | `ssl-mode` | whether the way is encrypted, below |
    /// | `sslrootcert` | `ssl-ca` | a file of certificates to trust beside the system's: [`ca_file`](DatabaseOptions::ca_file) |
    /// | `sslcert`, `sslkey` | `ssl-cert`, `ssl-key` | files of the client's own certificate and key |
    /// | `host`, `hostaddr`, `port`, `dbname`, `user`, `password` | `socket` | the same as in front of the `?`; a directory or file of a local socket |
    /// | `options`, `options[name]` | | settings: `options[search_path]=app`, `options=-c%20search_path%3Dapp` |
    /// | `application_name` | | what the server's lists show |
    /// | `transaction_pooler` | | `true` behind PgBouncer in transaction mode: [`transaction_pooler`](DatabaseOptions::transaction_pooler) |
    /// | | `charset` | `utf8mb4` and nothing else: another one changes text in silence |
    /// | | `collation` | of the connection, one of utf8mb4 |
    ///
    /// | mode of PostgreSQL | of MySQL | |
    /// |---|---|---|
    /// | `disable`, `allow` | `DISABLED` | not encrypted |
    /// | `prefer` (default) | `PREFERRED` (default without a password) | encrypted where the server can; who stands in between can say it cannot |
    /// | `require` | `REQUIRED` (default with a password) | encrypted: nobody reads along, but any certificate will do. With a file of certificates as the next |
    /// | `verify-ca` | `VERIFY_CA` | the certificate is signed by one that is trusted |
    /// | `verify-full` | `VERIFY_IDENTITY` | and it is that of the host: what a network that is not trusted needs |
    ///
    /// [`DatabaseOptions::require_tls`] refuses the first two. On MySQL a password is sent over TLS alone, or a local socket, unless the URL
    /// names `PREFERRED` or `DISABLED`: the driver gives it in clear to a server that asks for it so.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::error::ErrorKind::Configuration) for a URL that this build does not understand, a refused
    /// password or certificate, a server that is too old or without the TLS that is asked for, or a file that is no database; [`ErrorKind::Connection`](crate::error::ErrorKind::Connection) when nobody answers.
    pub async fn connect(url: impl Into<String>) -> Result<Self> {
        Self::options(url).connect().await
    }

    /// Options to connect with.
    pub fn options(url: impl Into<String>) -> DatabaseOptions {
        DatabaseOptions::new(url)
    }

    /// Uses a pool that the program already has, with that pool's options: for code that migrates gradually. A connection on which a statement
    /// of the program's own may have left something (a role, a setting) is closed, not given back.
    #[cfg(feature = "postgres")]
    #[must_use]
    pub fn from_pg_pool(pool: sqlx::PgPool) -> Self {
        let options = DatabaseOptions::without_url();
        Self::new(Source::Postgres(postgres::PostgresSource::Shared(pool)), &options)
    }

    /// Uses a pool that the program already has, with that pool's options: for code that migrates gradually.
    ///
    /// Ours are a strict `sql_mode` with `NO_ZERO_DATE`, and `time_zone = '+00:00'`; with others values may be cut off, or moments
    /// shifted. One statement more at each transaction asks which server it is.
    #[cfg(feature = "mysql")]
    #[must_use]
    pub fn from_mysql_pool(pool: sqlx::MySqlPool) -> Self {
        let options = DatabaseOptions::without_url();
        Self::new(Source::MySql(mysql::MySqlSource::Shared(pool)), &options)
    }

    fn new(source: Source, options: &DatabaseOptions) -> Self {
        Self(Arc::new(Inner {
            texts: TextCache::new(source.backend().dialect()),
            source,
            begin_mode: options.begin_mode,
            absent: options.absent.clone(),
            limits: options.limits,
            watch: Watch::new(options.log_values),
            warnings: once::Warnings::default(),
        }))
    }

    /// This database within the transaction of a sandbox.
    fn with_sandbox(&self, source: sandbox::SandboxSource) -> Self {
        Self(Arc::new(Inner {
            texts: TextCache::new(source.backend.dialect()),
            source: Source::Sandbox(source),
            begin_mode: self.0.begin_mode,
            absent: self.0.absent.clone(),
            limits: self.0.limits,
            watch: Arc::clone(&self.0.watch),
            warnings: once::Warnings::default(),
        }))
    }

    pub(crate) fn open(target: Target, options: DatabaseOptions) -> BoxFuture<'static, Result<Self>> {
        Box::pin(async move {
            let source = match target {
                #[cfg(feature = "sqlite")]
                Target::Sqlite(target) => Source::Sqlite(sqlite::SqliteSource::open(target, &options).await?),
                #[cfg(feature = "postgres")]
                Target::Postgres(url) => Source::Postgres(postgres::PostgresSource::open(&url, &options).await?),
                #[cfg(feature = "mysql")]
                Target::MySql(url) => Source::MySql(mysql::MySqlSource::open(&url, &options).await?),
            };
            Ok(Self::new(source, &options))
        })
    }

    /// Which kind of database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.0.source.backend()
    }

    /// Whether a warning about this place of the program was not given before.
    pub(crate) fn is_first_warning(&self, place: &'static Location<'static>, about: &'static str) -> bool {
        self.0.warnings.is_first(place, about)
    }

    /// Records the statements that go to this database, by whomever, until the log is dropped.
    pub fn statement_log(&self) -> StatementLog {
        self.0.watch.record()
    }

    /// Runs one statement of your own outside of any session; gives the number of rows that it changed. Placeholders are `$1`, `$2`, ..
    /// on PostgreSQL and `?` elsewhere.
    ///
    /// What it changes for the connection (`SET`, `USE`, `PRAGMA`, `ATTACH`) ends with it: what is to hold for all belongs into
    /// [`after_connect`](DatabaseOptions::after_connect).
    ///
    /// # Errors
    /// What the database refused, classified by [`kind`](crate::error::Error::kind). Before anything is sent:
    /// [`ErrorKind::State`](crate::error::ErrorKind::State) for what begins or ends a transaction,
    /// [`ErrorKind::Unsupported`](crate::error::ErrorKind::Unsupported) for several statements in one text,
    /// [`ErrorKind::Value`](crate::error::ErrorKind::Value) for another number of values than the text takes.
    pub async fn execute(&self, sql: impl Into<String>, values: Vec<Value>) -> Result<u64> {
        self.acquire().await?.execute(&Statement::of_program(sql.into(), values, Marks::Native)).await
    }

    /// Creates the tables of these entities where they are missing, in the order of their foreign keys: columns, constraints, indexes,
    /// tables between for many-to-many, and on PostgreSQL the enum types. All in one transaction, except on MySQL, which commits each
    /// table. What exists is left as it is: this is for tests and first versions, not for migrations.
    ///
    /// On MySQL and MariaDB text compares as on the other databases, upper and lower case, accents and blanks at the end included: the
    /// tables have the collation `utf8mb4_0900_bin` (MariaDB: `utf8mb4_nopad_bin`). Text without a `length` is `VARCHAR(255)` where a key or
    /// an index is over it, since those have a limit, and `LONGTEXT` elsewhere.
    ///
    /// # Errors
    /// What the database refused; [`ErrorKind::Schema`](crate::error::ErrorKind::Schema), before anything is sent, for a name that is too
    /// long for MySQL.
    pub async fn create_all(&self, entities: &[&'static EntityDef]) -> Result<()> {
        let mut connection = self.acquire().await?;
        let statements = definition::create_all(connection.spelling(), entities)?;
        definition::run(&mut connection, &statements).await
    }

    /// Drops the tables of these entities where they exist, in the reverse order, with all their rows.
    ///
    /// # Errors
    /// What the database refused: a table of others that refers to one of these, for instance.
    pub async fn drop_all(&self, entities: &[&'static EntityDef]) -> Result<()> {
        let mut connection = self.acquire().await?;
        let statements = definition::drop_all(connection.spelling(), entities);
        definition::run(&mut connection, &statements).await
    }

    /// The texts of statements of fixed shape.
    pub(crate) fn texts(&self) -> &TextCache {
        &self.0.texts
    }

    /// How transactions begin unless a session says otherwise.
    pub(crate) fn begin_mode(&self) -> BeginMode {
        self.0.begin_mode
    }

    /// How long one may wait for a connection that somebody else uses.
    pub(crate) fn acquire_timeout(&self) -> std::time::Duration {
        self.0.limits.acquire
    }

    /// A connection, given back when it is dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`](crate::error::ErrorKind::Timeout) when all stay in use for the configured time;
    /// [`ErrorKind::Connection`](crate::error::ErrorKind::Connection) when nobody answers.
    pub(crate) fn acquire(&self) -> BoxFuture<'_, Result<Connection>> {
        Box::pin(self.acquire_now())
    }

    async fn acquire_now(&self) -> Result<Connection> {
        let driver = match &self.0.source {
            #[cfg(feature = "sqlite")]
            Source::Sqlite(source) => Driver::Sqlite(source.acquire().await?),
            #[cfg(feature = "postgres")]
            Source::Postgres(source) => Driver::Postgres(source.acquire(&self.0.limits).await?),
            #[cfg(feature = "mysql")]
            Source::MySql(source) => Driver::MySql(source.acquire(&self.0.limits).await?),
            Source::Sandbox(source) => {
                let lease = source.acquire().await?;
                return Ok(Connection::of_sandbox(lease, self.0.limits, Arc::clone(&self.0.watch)));
            }
        };
        Ok(Connection::new(driver, &self.0.absent, self.0.limits, Arc::clone(&self.0.watch)))
    }
}
