//! Limits of time, with a runtime or without one.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{future::Either, task::AtomicWaker};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use crate::error::{Error, ErrorKind, Result};

/// How long a database may take for what never takes long, and for statements if that was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) connect: Duration,
    pub(crate) acquire: Duration,
    pub(crate) answer: Duration,
    pub(crate) commit: Duration,
    pub(crate) statement: Option<Duration>,
}

impl Limits {
    /// How long the program waits for a statement: the server's own limit comes first and leaves the connection in order.
    pub(super) fn of_a_statement(&self) -> Option<Duration> {
        self.statement.map(|limit| limit.saturating_add(self.answer))
    }

    /// How long a connection may take to be opened, and the name of the option that says so.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(super) fn of_connecting(&self) -> (Duration, &'static str) {
        if self.acquire < self.connect { (self.acquire, "acquire_timeout") } else { (self.connect, "connect_timeout") }
    }

    /// How long a connection that was left in a transaction may take to roll back before it is closed instead.
    pub(super) fn of_an_abandoned_transaction(&self) -> Duration {
        const LONGEST: Duration = Duration::from_secs(5);
        self.answer.min(LONGEST)
    }
}

/// No answer in time: travels as an error of the driver, like the other ways in which a connection is lost.
#[cfg(any(feature = "postgres", feature = "mysql"))]
#[derive(Debug, thiserror::Error)]
#[error("no answer within {0:?}")]
pub(crate) struct Silence(pub(crate) Duration);

#[cfg(any(feature = "postgres", feature = "mysql"))]
impl Silence {
    pub(crate) fn is(error: &sqlx::Error) -> Option<&Self> {
        match error {
            sqlx::Error::Io(error) => error.get_ref()?.downcast_ref(),
            _ => None,
        }
    }
}

/// The driver's answer, or that none came in time.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) async fn answered<T>(
    limit: impl Into<Option<Duration>>,
    work: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let Some(limit) = limit.into() else { return work.await };
    match within(limit, work).await {
        Ok(answer) => answer,
        Err(Elapsed) => Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, Silence(limit)))),
    }
}

/// An opened connection, or that the server let the program wait for too long.
///
/// # Errors
/// [`ErrorKind::Timeout`], with the address and the option that sets the limit.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) async fn connected<T>(limits: &Limits, address: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let (limit, option) = limits.of_connecting();
    within(limit, work).await.unwrap_or_else(|Elapsed| {
        Err(Error::new(
            ErrorKind::Timeout,
            format!(
                "connecting to {address} took longer than {limit:?} (`{option}`): the server cannot be reached, or accepts and does not \
                 answer"
            ),
        ))
    })
}

/// What was not done in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elapsed;

/// What `work` gives, or that it took longer than `limit`.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> std::result::Result<T, Elapsed> {
    within_pinned(limit, pin!(work)).await
}

/// The same for work that is pinned already.
pub(crate) async fn within_pinned<T>(
    limit: Duration,
    work: Pin<&mut impl Future<Output = T>>,
) -> std::result::Result<T, Elapsed> {
    match futures_util::future::select(work, pin!(Sleep::new(limit))).await {
        Either::Left((done, _)) => Ok(done),
        Either::Right(_) => Err(Elapsed),
    }
}

/// A wait for some time. Outside of a runtime a thread of its own keeps the time; it begins with the first poll.
pub(crate) struct Sleep {
    length: Duration,
    clock: Option<Clock>,
}

enum Clock {
    Runtime(Pin<Box<tokio::time::Sleep>>),
    Thread(Arc<Rang>),
}

#[derive(Default)]
struct Rang {
    rang: AtomicBool,
    waker: AtomicWaker,
}

impl Sleep {
    pub(crate) fn new(length: Duration) -> Self {
        Self { length, clock: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let length = self.length;
        match self.clock.get_or_insert_with(|| Clock::new(length)) {
            Clock::Runtime(sleep) => sleep.as_mut().poll(context),
            Clock::Thread(clock) => {
                clock.waker.register(context.waker());
                if clock.rang.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
            }
        }
    }
}

impl Clock {
    fn new(length: Duration) -> Self {
        if tokio::runtime::Handle::try_current().is_ok() {
            return Self::Runtime(Box::pin(tokio::time::sleep(length)));
        }
        let clock = Arc::new(Rang::default());
        let ring = Arc::clone(&clock);
        let rings = move || {
            std::thread::sleep(length);
            ring.rang.store(true, Ordering::Release);
            ring.waker.wake();
        };
        // Without a thread there is no limit, and what is waited for may still come.
        drop(std::thread::Builder::new().name("orm-clock".to_owned()).spawn(rings));
        Self::Thread(clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(5);

    #[test]
    fn a_limit_holds_with_and_without_a_runtime() {
        let never = std::future::pending::<()>;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        assert_eq!(runtime.block_on(within(SHORT, never())), Err(Elapsed));
        assert_eq!(runtime.block_on(within(SHORT, async { 7 })), Ok(7));
        assert_eq!(futures_executor(within(SHORT, never())), Err(Elapsed));
        assert_eq!(futures_executor(within(SHORT, async { 7 })), Ok(7));
    }

    /// A runtime that is none: polls on this thread, parked in between.
    fn futures_executor<T>(work: impl Future<Output = T>) -> T {
        struct Unpark(std::thread::Thread);
        impl std::task::Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Arc::new(Unpark(std::thread::current())).into();
        let mut work = pin!(work);
        loop {
            if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                return done;
            }
            std::thread::park();
        }
    }
}
