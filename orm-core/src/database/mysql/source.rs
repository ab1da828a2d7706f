//! Where MySQL connections come from: our own pool, or one that the user already has.

use std::{str::FromStr, sync::Arc};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlPool, mysql::MySqlConnectOptions};

use super::{
    connection::{Driver, MySqlConnection},
    error::classify,
    server::Server,
};
use crate::{
    database::{
        capability::Without,
        limit::{Limits, answered, connected},
        options::DatabaseOptions,
        pool::Pool,
        transport,
        url::Secret,
    },
    error::Result,
};

/// A database, and the pool of connections to it.
pub(crate) enum MySqlSource {
    Own(OwnPool),
    Shared(MySqlPool),
}

pub(crate) struct OwnPool {
    pool: Pool<Driver>,
    options: Arc<ConnectOptions>,
}

/// How a connection is opened.
pub(super) struct ConnectOptions {
    driver: MySqlConnectOptions,
    lock_timeout: Option<u128>,
    pub(super) limits: Limits,
    /// What the program wants every connection to begin with.
    after_connect: Vec<String>,
    pub(super) absent: Vec<Without>,
}

/// How many statements all connections of a database may keep prepared: half of what a server takes from all its clients, by default.
const MOST_PREPARED: usize = 8_192;

/// The share of one connection, of which a few are left to each. Without a place for it, each statement would be prepared twice.
fn capacity(options: &DatabaseOptions) -> usize {
    let connections = usize::try_from(options.max_connections).unwrap_or(usize::MAX).max(1);
    options.statement_cache_capacity.min((MOST_PREPARED / connections).max(16)).max(1)
}

impl std::fmt::Debug for MySqlSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Own(own) => {
                f.debug_struct("MySqlSource").field("host", &own.options.driver.get_host()).finish_non_exhaustive()
            }
            Self::Shared(_) => f.write_str("MySqlSource(a pool of the user)"),
        }
    }
}

impl MySqlSource {
    /// Connects once, so that a wrong URL or password is found here.
    pub(crate) async fn open(url: &Secret, options: &DatabaseOptions) -> Result<Self> {
        let mut connect = MySqlConnectOptions::from_str(&url.0).map_err(classify)?;
        connect = transport::mysql(connect.statement_cache_capacity(capacity(options)), url, options)?;
        // The mode is set as a whole once it is known which server answers. The time zone is UTC by the driver's default.
        connect = connect.pipes_as_concat(false).no_engine_substitution(false).timezone("+00:00".to_owned());
        // Its own log would repeat ours, with the texts at another level.
        connect = sqlx::ConnectOptions::disable_statement_logging(connect);
        let pool = Pool::new(options.max_connections, options.limits.acquire);
        // Whole seconds, at least one.
        let lock_timeout = options.lock_timeout.map(|timeout| timeout.as_millis().div_ceil(1000).max(1));
        let (limits, after_connect) = (options.limits, options.after_connect.clone());
        let absent = options.absent.clone();
        let options = ConnectOptions { driver: connect, lock_timeout, limits, after_connect, absent };
        let source = Self::Own(OwnPool { pool, options: Arc::new(options) });
        drop(source.acquire(&limits).await?);
        Ok(source)
    }

    pub(crate) async fn acquire(&self, limits: &Limits) -> Result<MySqlConnection> {
        match self {
            Self::Own(own) => {
                let mut lease = own.pool.acquire(|| connect(&own.options)).await?;
                if lease.was_idle_for(limits.answer)
                    && let Some(driver) = lease.get()
                    && answered(limits.answer, driver.ping()).await.is_err()
                {
                    lease.discard();
                    lease.replace(connect(&own.options).await?);
                }
                MySqlConnection::own(lease, Arc::clone(&own.options))
            }
            Self::Shared(pool) => {
                let mut connection = pool.acquire().await.map_err(classify)?;
                let asked = answered(limits.answer, Server::ask(&mut connection)).await;
                let server = match asked {
                    Ok(server) => server,
                    Err(error) => {
                        // Cut off in the middle, it is of no more use to anyone.
                        drop(connection.detach());
                        return Err(classify(error));
                    }
                };
                server.check_version()?;
                Ok(MySqlConnection::shared(connection, server, limits.answer))
            }
        }
    }
}

pub(super) async fn connect(options: &ConnectOptions) -> Result<Driver> {
    let opened = async {
        let connected = sqlx::MySqlConnection::connect_with(&options.driver).await;
        let mut connection =
            connected.map_err(|error| transport::refused(&error).unwrap_or_else(|| classify(error)))?;
        let server = Server::ask(&mut connection).await.map_err(classify)?;
        server.check_version()?;
        let mut settings = format!("SET SESSION sql_mode = '{}'", server.sql_mode());
        if let Some(seconds) = options.lock_timeout {
            settings.push_str(&format!(", SESSION innodb_lock_wait_timeout = {seconds}"));
        }
        if let Some(limit) = options.limits.statement {
            settings.push_str(&format!(", SESSION {}", server.statement_limit(limit)));
        }
        connection.execute(sqlx::raw_sql(AssertSqlSafe(settings))).await.map_err(classify)?;
        for sql in &options.after_connect {
            connection.execute(sqlx::raw_sql(AssertSqlSafe(&**sql))).await.map_err(classify)?;
        }
        Ok(Driver::new(connection, server.in_mode(server.sql_mode())))
    };
    let address = match options.driver.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.driver.get_host(), options.driver.get_port()),
    };
    connected(&options.limits, &address, opened).await
}
