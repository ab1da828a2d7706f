//! Where SQLite connections come from: a file, or one database in memory for all sessions of a `Database`.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{
    connection::{Backoff, SqliteConnection},
    error::Failure,
    in_place::in_place,
    profile,
};
use crate::{
    database::{
        options::DatabaseOptions,
        pool::{Lease, Pool},
        url::{FileMode, SqliteTarget},
    },
    error::Result,
    value::decimal_text,
};

/// How long a statement waits for another's lock unless told otherwise.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// A database, and the pool of connections to it.
pub(crate) struct SqliteSource {
    pool: Pool<SqliteConnection>,
    opener: Arc<Opener>,
    lock_timeout: Duration,
    acquire_timeout: Duration,
    /// Keeps a database in memory alive while no session is open.
    _anchor: Option<Mutex<Connection>>,
}

struct Opener {
    path: std::path::PathBuf,
    flags: OpenFlags,
    statement_cache_capacity: usize,
    /// What the program wants every connection to begin with.
    after_connect: Vec<String>,
}

impl std::fmt::Debug for SqliteSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteSource").field("path", &self.opener.path).finish_non_exhaustive()
    }
}

impl SqliteSource {
    /// Opens the database once, so that a wrong path or a file of another kind is found here.
    pub(crate) async fn open(target: SqliteTarget, options: &DatabaseOptions) -> Result<Self> {
        let lock_timeout = options.lock_timeout.unwrap_or(LOCK_TIMEOUT);
        let opener = Arc::new(Opener::new(&target, options));
        let pool = Pool::new(options.max_connections, options.limits.acquire);
        let anchor = match target {
            SqliteTarget::Memory => Some(Mutex::new(in_place(|| opener.open()).map_err(Failure::into_error)?)),
            SqliteTarget::File { .. } => None,
        };
        let source = Self { pool, opener, lock_timeout, acquire_timeout: options.limits.acquire, _anchor: anchor };
        let mut lease = source.acquire().await?;
        if let (Some(connection), SqliteTarget::File { mode, .. }) = (lease.get(), &target) {
            let writable = *mode != FileMode::ReadOnly;
            let mut backoff = Backoff::new(lock_timeout);
            // The mode stays in the file: set once, not by each connection.
            while let Err(failure) = in_place(|| connection.prepare_file(writable)) {
                backoff.wait(failure).await?;
            }
        }
        Ok(source)
    }

    pub(crate) async fn acquire(&self) -> Result<Lease<SqliteConnection>> {
        let opener = Arc::clone(&self.opener);
        let (lock_timeout, longest) = (self.lock_timeout, self.lock_timeout.min(self.acquire_timeout));
        self.pool
            .acquire(|| async move {
                let mut backoff = Backoff::new(longest);
                loop {
                    match in_place(|| opener.open()) {
                        Ok(connection) => return Ok(SqliteConnection::new(connection, lock_timeout)),
                        Err(failure) => backoff.wait(failure).await?,
                    }
                }
            })
            .await
    }
}

impl Opener {
    fn new(target: &SqliteTarget, options: &DatabaseOptions) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let (path, flags) = match target {
            // A shared cache, not the `memdb` VFS: its locks are by table, so that an open session that has read one table
            // does not stop a commit to another. Neither ever blocks a thread: a lock is an error, and we wait for it.
            SqliteTarget::Memory => (
                format!("file:orm-memory-{}?mode=memory&cache=shared", NEXT.fetch_add(1, Ordering::Relaxed)).into(),
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_URI,
            ),
            SqliteTarget::File { path, mode } => (
                path.clone(),
                match mode {
                    FileMode::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
                    FileMode::ReadWrite => OpenFlags::SQLITE_OPEN_READ_WRITE,
                    FileMode::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
                },
            ),
        };
        // One thread at a time holds a connection: SQLite's own mutex around it is not needed.
        Self {
            path,
            flags: flags | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            statement_cache_capacity: options.statement_cache_capacity,
            after_connect: options.after_connect.clone(),
        }
    }

    fn open(&self) -> Result<Connection, Failure> {
        let mut connection = Connection::open_with_flags(&self.path, self.flags)?;
        // No thread waits for a lock inside SQLite: see `Backoff`.
        connection.busy_timeout(Duration::ZERO)?;
        connection.set_prepared_statement_cache_capacity(self.statement_cache_capacity);
        // By default a quoted name that is no column is a text: a missing column would be read as its own name.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        profile::watch(&mut connection);
        connection.create_collation(decimal_text::COLLATION, decimal_text::compare)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        for sql in &self.after_connect {
            connection.execute_batch(sql)?;
        }
        Ok(connection)
    }
}
