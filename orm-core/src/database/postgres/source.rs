//! Where PostgreSQL connections come from: our own pool, or one that the user already has.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool, SqlSafeStr as _, SqlStr,
    postgres::PgConnectOptions,
};

use super::{
    connection::{Driver, PostgresConnection},
    error::classify,
    pooler::{self, Pooler},
};
use crate::{
    database::{
        limit::{Limits, answered, connected},
        options::{Between, DatabaseOptions},
        pool::Pool,
        transport,
        url::Secret,
    },
    error::{Error, ErrorKind, Result},
};

/// A database, and the pool of connections to it.
pub(crate) enum PostgresSource {
    Own(OwnPool),
    Shared(PgPool),
}

pub(crate) struct OwnPool {
    pool: Pool<Driver>,
    options: Arc<ConnectOptions>,
}

/// How a connection is opened, through whom, and what all of a pool know of the tables.
pub(super) struct ConnectOptions {
    driver: PgConnectOptions,
    pub(super) pooler: Option<Pooler>,
    pub(super) limits: Limits,
    /// How often tables were found changed under prepared statements.
    changes: AtomicU64,
    /// What the program wants every connection to begin with.
    pub(super) after_connect: Vec<SqlStr>,
}

impl ConnectOptions {
    /// Tables have changed: what connections that are older have prepared may not fit them. Gives the number for one that has nothing
    /// prepared.
    pub(super) fn note_change(&self) -> u64 {
        self.changes.fetch_add(1, Ordering::AcqRel) + 1
    }

    fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }
}

impl std::fmt::Debug for PostgresSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Own(own) => {
                f.debug_struct("PostgresSource").field("host", &own.options.driver.get_host()).finish_non_exhaustive()
            }
            Self::Shared(_) => f.write_str("PostgresSource(a pool of the user)"),
        }
    }
}

impl PostgresSource {
    /// Connects once, so that a wrong URL or password is found here.
    pub(crate) async fn open(url: &Secret, options: &DatabaseOptions) -> Result<Self> {
        let (address, between) = pooler::read(&url.0, options)?;
        let mut connect = PgConnectOptions::from_str(&address).map_err(classify)?;
        // Without a place for it, the driver would leave each statement on the server.
        connect = connect.statement_cache_capacity(options.statement_cache_capacity.max(1));
        let timeouts = [("lock_timeout", options.lock_timeout), ("statement_timeout", options.limits.statement)];
        let settings: Vec<(&str, String)> = timeouts
            .into_iter()
            .filter_map(|(name, timeout)| Some((name, timeout?.as_millis().max(1).to_string())))
            .collect();
        let mut pooler = None;
        if between == Between::TransactionPooler {
            if !options.after_connect.is_empty() {
                return Err(behind_a_pooler());
            }
            let (driver, between) = Pooler::new(connect, &settings)?;
            (connect, pooler) = (driver, Some(between));
        } else {
            connect = connect.options(settings);
        }
        // Its own log would repeat ours, with the texts at another level.
        connect = sqlx::ConnectOptions::disable_statement_logging(connect);
        let connect = transport::postgres(connect, url, options)?;
        let pool = Pool::new(options.max_connections, options.limits.acquire);
        let after_connect = options.after_connect.iter().map(|sql| AssertSqlSafe(&**sql).into_sql_str()).collect();
        let (limits, changes) = (options.limits, AtomicU64::new(0));
        let connect = ConnectOptions { driver: connect, pooler, limits, changes, after_connect };
        let source = Self::Own(OwnPool { pool, options: Arc::new(connect) });
        drop(source.acquire(&options.limits).await?);
        Ok(source)
    }

    pub(crate) async fn acquire(&self, limits: &Limits) -> Result<PostgresConnection> {
        match self {
            Self::Own(own) => {
                let mut lease = own.pool.acquire(|| connect(&own.options)).await?;
                let asked = lease.was_idle_for(limits.answer);
                let fits = match lease.get() {
                    // Of another one's discovery this one would have to learn by a failed transaction.
                    Some(driver) if driver.changes() != own.options.changes() => false,
                    Some(driver) if asked => answered(limits.answer, driver.ping()).await.is_ok(),
                    _ => true,
                };
                if !fits {
                    lease.discard();
                    lease.replace(connect(&own.options).await?);
                }
                Ok(PostgresConnection::own(lease, Arc::clone(&own.options)))
            }
            Self::Shared(pool) => {
                Ok(PostgresConnection::shared(pool.acquire().await.map_err(classify)?, limits.answer))
            }
        }
    }
}

pub(super) async fn connect(options: &ConnectOptions) -> Result<Driver> {
    let (driver, changes) = (&options.driver, options.changes());
    let address = match driver.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", driver.get_host(), driver.get_port()),
    };
    let opened = async {
        let connected = PgConnection::connect_with(driver).await;
        let mut raw = connected.map_err(|error| transport::refused(&error).unwrap_or_else(|| classify(error)))?;
        prepare_session(&mut raw, options).await.map_err(classify)?;
        Ok(raw)
    };
    connected(&options.limits, &address, opened).await.map(|raw| Driver::new(raw, changes))
}

/// Runs what the program wants every connection to begin with.
pub(super) async fn prepare_session(connection: &mut PgConnection, options: &ConnectOptions) -> sqlx::Result<()> {
    for sql in &options.after_connect {
        connection.execute(sqlx::raw_sql(sql.clone())).await?;
    }
    Ok(())
}

#[cold]
fn behind_a_pooler() -> Error {
    Error::new(
        ErrorKind::Configuration,
        "behind a pooler each transaction has another connection of the server, so that there is no `after_connect`: set it on the server, by \
         `ALTER ROLE .. SET` or `ALTER DATABASE .. SET`, or for each transaction by `SessionFactory::after_begin`",
    )
}
