//! Where PostgreSQL connections come from: our own pool, or one that the user already has.

use std::{str::FromStr, sync::Arc};

use sqlx::{Connection as _, PgConnection, PgPool, postgres::PgConnectOptions};

use super::{
    connection::{Driver, PostgresConnection},
    error::classify,
    pooler::{self, Pooler},
};
use crate::{
    database::{
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

/// How a connection is opened, and through whom.
pub(super) struct ConnectOptions {
    driver: PgConnectOptions,
    pub(super) pooler: Option<Pooler>,
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
        let mut pooler = None;
        if between == Between::TransactionPooler {
            let (driver, between) = Pooler::new(connect, options.lock_timeout)?;
            (connect, pooler) = (driver, Some(between));
        } else if let Some(timeout) = options.lock_timeout {
            connect = connect.options([("lock_timeout", timeout.as_millis().max(1).to_string())]);
        }
        // Its own log would repeat ours, with the texts at another level.
        connect = sqlx::ConnectOptions::disable_statement_logging(connect);
        let pool = Pool::new(options.max_connections, options.acquire_timeout);
        let source = Self::Own(OwnPool { pool, options: Arc::new(ConnectOptions { driver: connect, pooler }) });
        drop(source.acquire().await?);
        Ok(source)
    }

    pub(crate) async fn acquire(&self) -> Result<PostgresConnection> {
        match self {
            Self::Own(own) => {
                let lease = own.pool.acquire(|| connect(&own.options)).await?;
                Ok(PostgresConnection::own(lease, Arc::clone(&own.options)))
            }
            Self::Shared(pool) => Ok(PostgresConnection::shared(pool.acquire().await.map_err(classify)?)),
        }
    }
}

pub(super) async fn connect(options: &ConnectOptions) -> Result<Driver> {
    PgConnection::connect_with(&options.driver).await.map(Driver::new).map_err(classify)
}
