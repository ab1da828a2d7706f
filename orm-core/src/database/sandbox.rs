//! A database for one test: everything happens in a transaction that is never committed.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{
    Backend, Connection, Database, Source,
    limit::{Elapsed, within},
};
use crate::error::{Error, ErrorKind, Result};

/// What a commit and a rollback are within the sandbox. Its savepoint is open while a connection is on loan.
pub(super) const COMMIT: &[&str] = &[RELEASE, OPEN];
pub(super) const ROLLBACK: &str = "ROLLBACK TO SAVEPOINT orm_sandbox";
const RELEASE: &str = "RELEASE SAVEPOINT orm_sandbox";
const OPEN: &str = "SAVEPOINT orm_sandbox";

/// Nobody holds the one connection for longer, unless the test waits for itself.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A [`Database`] on one transaction, which is rolled back when this is dropped: a test leaves nothing behind, and needs no tables of its
/// own. From [`Database::sandbox`].
///
/// It derefs to a `Database`, whose clones, sessions and queries all see what was done in it; a `commit` is a savepoint released. There is
/// one connection: sessions take turns, and one that holds a transaction keeps others waiting; an operation that waits for five
/// seconds is [`ErrorKind::Timeout`]. After the end its clones answer [`ErrorKind::State`].
///
/// What only a real commit does, does not happen: deferred constraints are not checked, `now()` stands still on PostgreSQL, a
/// sequence does not go back.
#[derive(Debug)]
#[must_use = "dropped at once, it is rolled back at once"]
pub struct Sandbox {
    database: Database,
    source: SandboxSource,
}

/// Where the connections of a sandbox come from: there is one.
#[derive(Clone, Debug)]
pub(super) struct SandboxSource {
    outer: Arc<Mutex<Outer>>,
    ended: Arc<AtomicBool>,
    pub(super) backend: Backend,
}

#[derive(Debug)]
struct Outer {
    /// In the outer transaction; none after the end.
    connection: Option<Connection>,
    left: Left,
}

/// How the last loan left the sandbox's savepoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// There was none yet.
    Unopened,
    /// What was done is to stay.
    Kept,
    /// What was done since the last commit is to be undone.
    Undone,
}

/// The connection on loan.
#[derive(Debug)]
pub(super) struct SandboxLease(OwnedMutexGuard<Outer>);

impl Database {
    /// A database on one transaction that is rolled back in the end: for tests. It takes the place of this one in the code that is
    /// tested, sessions, commits and all.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")] struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn rename_all(db: &Database) -> Result<(), Error> { Ok(()) }
    /// # async fn example(db: &Database) -> Result<(), Error> {
    /// let db = db.sandbox().await?;
    /// rename_all(&db).await?;
    /// assert_eq!(db.count(&User::select()).await?, 3);
    /// # Ok(()) } // gone
    /// ```
    ///
    /// One BEGIN, and a savepoint around each transaction and each statement outside of one; a
    /// [`statement_log`](Self::statement_log) shows BEGIN and COMMIT as they were asked for.
    ///
    /// # Errors
    /// When there is no connection, or no transaction can begin; [`ErrorKind::State`] within another sandbox.
    pub async fn sandbox(&self) -> Result<Sandbox> {
        if matches!(self.0.source, Source::Sandbox(_)) {
            return Err(Error::new(
                ErrorKind::State,
                "this is a sandbox already: what is to be undone before its end is a session's `savepoint`",
            )
            .with_verb("sandbox"));
        }
        let mut connection = self.acquire().await?;
        connection.begin(self.begin_mode(), None).await?;
        let outer = Outer { connection: Some(connection), left: Left::Unopened };
        let source =
            SandboxSource { outer: Arc::new(Mutex::new(outer)), ended: Arc::default(), backend: self.backend() };
        Ok(Sandbox { database: self.with_sandbox(source.clone()), source })
    }
}

impl Sandbox {
    /// Ends it now, and waits for the rollback: what a drop does without waiting.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when a session still holds the connection after five seconds: it is rolled back when that one ends.
    pub async fn rollback(self) -> Result<()> {
        self.source.ended.store(true, Ordering::Release);
        // A session that still has the connection lets the drop of this sandbox end it.
        let connection =
            within(LONGEST_WAIT, self.source.outer.lock()).await.map_err(|Elapsed| held())?.connection.take();
        match connection {
            Some(mut connection) => connection.rollback().await,
            None => Ok(()),
        }
    }
}

impl Deref for Sandbox {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.source.ended.store(true, Ordering::Release);
        if let Ok(mut outer) = self.source.outer.try_lock() {
            outer.connection = None;
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // A session still holds the connection: when it is done.
            let outer = Arc::clone(&self.source.outer);
            runtime.spawn(async move { outer.lock().await.connection = None });
        }
    }
}

impl SandboxSource {
    pub(super) async fn acquire(&self) -> Result<SandboxLease> {
        let waiting = Arc::clone(&self.outer).lock_owned();
        let mut outer = within(LONGEST_WAIT, waiting).await.map_err(|Elapsed| held())?;
        if self.ended.load(Ordering::Acquire) {
            outer.connection = None;
        }
        let left = std::mem::replace(&mut outer.left, Left::Undone);
        let Some(connection) = &mut outer.connection else { return Err(over()) };
        let result = match left {
            Left::Unopened => connection.between_loans(OPEN).await,
            Left::Kept => match connection.between_loans(RELEASE).await {
                Ok(()) => connection.between_loans(OPEN).await,
                Err(error) => Err(error),
            },
            Left::Undone => connection.between_loans(ROLLBACK).await,
        };
        if let Err(error) = result {
            outer.connection = None;
            return Err(over().with_source(error));
        }
        Ok(SandboxLease(outer))
    }
}

impl SandboxLease {
    pub(super) fn connection(&self) -> &Connection {
        match &self.0.connection {
            Some(connection) => connection,
            None => unreachable!("orm bug: a sandbox lent a connection that it has not"),
        }
    }

    pub(super) fn connection_mut(&mut self) -> &mut Connection {
        match &mut self.0.connection {
            Some(connection) => connection,
            None => unreachable!("orm bug: a sandbox lent a connection that it has not"),
        }
    }

    /// The loan ends with nothing open: what was done stays, unless the database refused some of it.
    pub(super) fn keep(&mut self) {
        if !self.connection_mut().take_refused() {
            self.0.left = Left::Kept;
        }
    }
}

#[cold]
fn held() -> Error {
    Error::new(
        ErrorKind::Timeout,
        "a sandbox has one connection, and another session holds it: commit, roll back or drop that one first",
    )
}

#[cold]
fn over() -> Error {
    Error::new(ErrorKind::State, "the sandbox is over: it was dropped, or lost its connection")
}
