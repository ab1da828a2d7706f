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

use super::limit::within;
use crate::error::{Error, ErrorKind, Result};

/// After this long without use a connection is closed, so that a burst does not hold connections for ever.
const MAX_IDLE: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(crate) struct Pool<C> {
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Idle<C>>>>,
    max_connections: usize,
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
    /// How long it was idle before; none for a new one.
    idle_for: Option<Duration>,
    idle: Arc<Mutex<Vec<Idle<C>>>>,
    // Last: the connection is idle again before the next one who waits may look for it.
    _permit: OwnedSemaphorePermit,
}

/// Whether the program may have changed what a connection is to those that are given it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Traces {
    None,
    Left,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The list is whole whatever a panicking thread did in between.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<C> Pool<C> {
    pub(crate) fn new(max_connections: u32, acquire_timeout: Duration) -> Self {
        let permits =
            usize::try_from(max_connections.max(1)).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        let semaphore = Arc::new(Semaphore::new(permits));
        Self { permits: semaphore, idle: Arc::default(), max_connections: permits, acquire_timeout }
    }

    /// An idle connection, or a new one, or the next one that somebody gives back. How long it takes to open one is for `open` to limit.
    pub(crate) async fn acquire<F>(&self, open: impl FnOnce() -> F) -> Result<Lease<C>>
    where
        F: Future<Output = Result<C>>,
    {
        let permit = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait().await?,
        };
        let (connection, idle_for) = match self.reuse() {
            Some(idle) => (idle.connection, Some(idle.since.elapsed())),
            None => (open().await?, None),
        };
        Ok(Lease { connection: Some(connection), idle_for, idle: Arc::clone(&self.idle), _permit: permit })
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        match within(self.acquire_timeout, permit).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(self.timed_out()),
        }
    }

    #[cold]
    fn timed_out(&self) -> Error {
        Error::new(
            ErrorKind::Timeout,
            format!(
                "no connection within {:?}: all {} are in use; close sessions that are done, or raise `max_connections` or \
                 `acquire_timeout` in `DatabaseOptions`",
                self.acquire_timeout, self.max_connections
            ),
        )
    }

    fn reuse(&self) -> Option<Idle<C>> {
        let mut idle = lock(&self.idle);
        let last = idle.pop()?;
        // The list is in the order of use: what was idle for too long stands in front.
        let fresh = idle.iter().position(|idle| idle.since.elapsed() < MAX_IDLE).unwrap_or(idle.len());
        let expired: Vec<_> = if fresh > 0 { idle.drain(..fresh).collect() } else { Vec::new() };
        drop(idle);
        // Closed outside the lock.
        drop(expired);
        Some(last)
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
        self.idle_for.is_some()
    }

    /// Whether it was idle for so long that it is asked whether the server is still there.
    #[cfg_attr(
        not(any(feature = "postgres", feature = "mysql")),
        expect(dead_code, reason = "a file does not hang up")
    )]
    pub(crate) fn was_idle_for(&self, limit: Duration) -> bool {
        self.idle_for.is_some_and(|idle| idle >= limit)
    }

    /// Puts another connection in the place of this one.
    #[cfg_attr(
        not(any(feature = "postgres", feature = "mysql")),
        expect(dead_code, reason = "a file does not hang up")
    )]
    pub(crate) fn replace(&mut self, connection: C) {
        self.idle_for = None;
        self.connection = Some(connection);
    }

    /// Closes the connections of its pool that nobody uses now.
    #[cfg_attr(
        not(feature = "mysql"),
        expect(dead_code, reason = "only there do connections share what they may prepare")
    )]
    pub(crate) fn close_idle(&self) {
        let idle = std::mem::take(&mut *lock(&self.idle));
        // Closed outside the lock.
        drop(idle);
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
