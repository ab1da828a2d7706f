//! A pool of connections: a semaphore and a list of idle ones.
//!
//! Our own because a driver's pool would cost what PERFORMANCE forbids: sqlx's pings at each release, in a task, during which the
//! next acquire finds no idle connection and opens another. Here the connection last used is the next one given out, at once.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, ErrorKind, Result};

/// After this long without use a connection is closed, so that a burst does not hold connections for ever.
const MAX_IDLE: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(crate) struct Pool<C> {
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Idle<C>>>>,
    acquire_timeout: Duration,
}

#[derive(Debug)]
struct Idle<C> {
    connection: C,
    since: Instant,
}

/// A connection on loan. Dropped, it goes back to the pool.
#[derive(Debug)]
pub(crate) struct Lease<C> {
    connection: Option<C>,
    reused: bool,
    idle: Arc<Mutex<Vec<Idle<C>>>>,
    // Last: the connection is idle again before the next one who waits may look for it.
    _permit: OwnedSemaphorePermit,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The list is whole whatever a panicking thread did in between.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<C> Pool<C> {
    pub(crate) fn new(max_connections: u32, acquire_timeout: Duration) -> Self {
        let permits =
            usize::try_from(max_connections.max(1)).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(permits)), idle: Arc::default(), acquire_timeout }
    }

    /// An idle connection, or a new one, or the next one that somebody gives back.
    pub(crate) async fn acquire<F>(&self, open: impl FnOnce() -> F) -> Result<Lease<C>>
    where
        F: Future<Output = Result<C>>,
    {
        let permit = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait().await?,
        };
        if let Some(connection) = self.reuse() {
            return Ok(Lease {
                connection: Some(connection),
                reused: true,
                idle: Arc::clone(&self.idle),
                _permit: permit,
            });
        }
        let connection = match tokio::runtime::Handle::try_current() {
            Ok(_) => tokio::time::timeout(self.acquire_timeout, open()).await.map_err(|_| self.timed_out())??,
            Err(_) => open().await?,
        };
        Ok(Lease { connection: Some(connection), reused: false, idle: Arc::clone(&self.idle), _permit: permit })
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        match tokio::time::timeout(self.acquire_timeout, permit).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(self.timed_out()),
        }
    }

    #[cold]
    fn timed_out(&self) -> Error {
        Error::new(
            ErrorKind::Timeout,
            format!(
                "no connection within {:?}: all are in use; close sessions that are done, or raise `max_connections` or \
                 `acquire_timeout` in `DatabaseOptions`",
                self.acquire_timeout
            ),
        )
    }

    fn reuse(&self) -> Option<C> {
        let mut idle = lock(&self.idle);
        let last = idle.pop()?;
        // The list is in the order of use: what was idle for too long stands in front.
        let fresh = idle.iter().position(|idle| idle.since.elapsed() < MAX_IDLE).unwrap_or(idle.len());
        let expired: Vec<_> = if fresh > 0 { idle.drain(..fresh).collect() } else { Vec::new() };
        drop(idle);
        // Closed outside the lock.
        drop(expired);
        Some(last.connection)
    }
}

impl<C> Lease<C> {
    pub(crate) fn get(&mut self) -> Option<&mut C> {
        self.connection.as_mut()
    }

    /// Whether somebody used the connection before: the server may have closed it since.
    #[cfg_attr(
        not(any(feature = "postgres", feature = "mysql")),
        expect(dead_code, reason = "a file does not hang up")
    )]
    pub(crate) fn is_reused(&self) -> bool {
        self.reused
    }

    /// Puts another connection in the place of this one.
    #[cfg_attr(
        not(any(feature = "postgres", feature = "mysql")),
        expect(dead_code, reason = "a file does not hang up")
    )]
    pub(crate) fn replace(&mut self, connection: C) {
        self.reused = false;
        self.connection = Some(connection);
    }

    /// Closes the connection instead of giving it back.
    pub(crate) fn discard(&mut self) {
        self.connection = None;
    }
}

impl<C> Drop for Lease<C> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            lock(&self.idle).push(Idle { connection, since: Instant::now() });
        }
    }
}
