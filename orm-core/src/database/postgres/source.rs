//! Where PostgreSQL connections come from: our own pool, or one that the user already has.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sqlx::{Connection as _, PgConnection, PgPool, postgres::PgConnectOptions};

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
        url::Secret,
    },
    error::Result,
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
        let (url, between) = pooler::read(&url.0, options)?;
        let mut connect = PgConnectOptions::from_str(&url).map_err(classify)?;
        // Without a place for it, the driver would leave each statement on the server.
        connect = connect.statement_cache_capacity(options.statement_cache_capacity.max(1));
        let timeouts = [("lock_timeout", options.lock_timeout), ("statement_timeout", options.limits.statement)];
        let settings: Vec<(&str, String)> = timeouts
            .into_iter()
            .filter_map(|(name, timeout)| Some((name, timeout?.as_millis().max(1).to_string())))
            .collect();
        let mut pooler = None;
        if between == Between::TransactionPooler {
            let (driver, between) = Pooler::new(connect, &settings)?;
            (connect, pooler) = (driver, Some(between));
        } else {
            connect = connect.options(settings);
        }
        // Its own log would repeat ours, with the texts at another level.
        connect = sqlx::ConnectOptions::disable_statement_logging(connect);
        let pool = Pool::new(options.max_connections, options.limits.acquire);
        let connect = ConnectOptions { driver: connect, pooler, limits: options.limits, changes: AtomicU64::new(0) };
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
    let opened = async { PgConnection::connect_with(driver).await.map_err(classify) };
    connected(&options.limits, &address, opened).await.map(|raw| Driver::new(raw, changes))
}
