//! How sessions are made: the options that an application chooses once.

use std::{borrow::Cow, fmt, sync::Arc};

use super::{Listener, Session, info::FactoryInfo};
use crate::{
    database::{BeginMode, Database, Isolation},
    value::Value,
};

#[derive(Clone)]
pub(crate) struct SessionOptions {
    pub(super) autoflush: Autoflush,
    pub(super) on_commit: OnCommit,
    pub(super) begin: BeginMode,
    pub(super) isolation: Option<Isolation>,
    pub(super) access: Access,
    pub(super) attempts: u32,
    pub(super) after_begin: Vec<AfterBegin>,
    pub(super) listeners: Vec<Arc<dyn Listener>>,
    pub(super) info: FactoryInfo,
}

impl fmt::Debug for SessionOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionOptions")
            .field("autoflush", &self.autoflush)
            .field("on_commit", &self.on_commit)
            .field("begin", &self.begin)
            .field("isolation", &self.isolation)
            .field("access", &self.access)
            .field("after_begin", &self.after_begin.len())
            .field("listeners", &self.listeners.len())
            .finish_non_exhaustive()
    }
}

/// A statement that every transaction begins with.
#[derive(Clone)]
pub(super) struct AfterBegin {
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Autoflush {
    On,
    Off,
}

/// Whether sessions may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    ReadWrite,
    ReadOnly,
}

/// What `commit` does with the values it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnCommit {
    Expire,
    Keep,
}

/// Makes sessions with the same options: what goes into application state. Cheap to clone. SQLAlchemy's `sessionmaker`.
#[derive(Clone, Debug)]
#[doc(alias = "sessionmaker")]
pub struct SessionFactory {
    database: Database,
    pub(super) options: SessionOptions,
}

impl SessionFactory {
    pub(super) fn new(database: Database) -> Self {
        let options = SessionOptions {
            autoflush: Autoflush::On,
            on_commit: OnCommit::Expire,
            begin: database.begin_mode(),
            isolation: None,
            access: Access::ReadWrite,
            attempts: super::retry::ATTEMPTS,
            after_begin: Vec::new(),
            listeners: Vec::new(),
            info: FactoryInfo::default(),
        };
        Self { database, options }
    }

    /// Whether queries flush what is pending first; on unless said otherwise.
    #[must_use]
    pub fn autoflush(mut self, on: bool) -> Self {
        self.options.autoflush = if on { Autoflush::On } else { Autoflush::Off };
        self
    }

    /// Whether `commit` expires every object (the default), or keeps their values for the next transaction, where they are past:
    /// a row that arrives overwrites them. Handles end at `commit` either way.
    #[must_use]
    pub fn expire_on_commit(mut self, expire: bool) -> Self {
        self.options.on_commit = if expire { OnCommit::Expire } else { OnCommit::Keep };
        self
    }

    /// Sessions only read: whatever would write is refused with [`ErrorKind::ReadOnly`](crate::error::ErrorKind::ReadOnly), which
    /// names the object, before a statement is sent. Of statements of your own those are taken that begin with SELECT, WITH, VALUES, TABLE,
    /// SHOW, EXPLAIN or DESCRIBE and write no file; a connection is not lent. The database holds to it as well (`BEGIN READ ONLY`, on
    /// SQLite `PRAGMA query_only`), so that no function or trigger can write either.
    ///
    /// It keeps a program from mistakes. Against a program, or SQL, that is not trusted, connect as a user who may only read: a
    /// function that the database lets do anything (`dblink`, an untrusted language, MySQL's sandbox transactions) is not seen here.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")] struct User { #[orm(primary_key)] id: i64, name: String }
    /// # fn example(db: &Database) {
    /// let reports = db.session_factory().read_only();
    /// let session = reports.session();
    /// let refused = session.add(User::builder().name("Ada"));
    /// assert_eq!(refused.map(drop).map_err(|error| error.kind()), Err(ErrorKind::ReadOnly));
    /// # }
    /// ```
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.options.access = Access::ReadOnly;
        self
    }

    /// A statement that every transaction of the sessions begins with, before any other: who they are for, on databases with row-level security.
    /// `?` stands for the next value. Several run in the order in which they were given here, and each costs a statement.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # fn example(factory: &SessionFactory, tenant: i64) -> Session {
    /// // On PostgreSQL: `true` is "until the end of the transaction", as `SET LOCAL` is.
    /// let factory = factory.clone().after_begin("SELECT set_config('app.tenant', ?, true)", [tenant.to_string().into()]);
    /// factory.session()
    /// # }
    /// ```
    ///
    /// A setting that does not end with the transaction (`set_config(.., false)`, MySQL's `SET`) is undone all the same before another session
    /// is given the connection, which costs a message, or on MySQL and SQLite the connection.
    ///
    /// Refused, the transaction is rolled back and the operation that began it gives the error. Reads on the [`Database`] itself are in no
    /// session and run without it: let the policies of the tables show nothing then.
    #[must_use]
    pub fn after_begin(mut self, sql: impl Into<Cow<'static, str>>, values: impl IntoIterator<Item = Value>) -> Self {
        self.options.after_begin.push(AfterBegin { sql: sql.into(), values: values.into_iter().collect() });
        self
    }

    /// How transactions begin on SQLite.
    #[must_use]
    pub fn begin_mode(mut self, mode: BeginMode) -> Self {
        self.options.begin = mode;
        self
    }

    /// The isolation level of transactions, where the database has levels.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.options.isolation = Some(isolation);
        self
    }

    /// How often [`transaction`](Self::transaction) tries in all; 5 unless said otherwise.
    #[must_use]
    pub fn attempts(mut self, count: u32) -> Self {
        self.options.attempts = count;
        self
    }

    pub(super) fn most_attempts(&self) -> u32 {
        self.options.attempts
    }

    /// A new session. Costs nothing until it is used.
    #[must_use]
    pub fn session(&self) -> Session {
        Session::new(self.database.clone(), self.options.clone())
    }

    /// The database that the sessions work with.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }
}

impl Database {
    /// A session with the default options. Costs nothing until it is used.
    #[must_use]
    pub fn session(&self) -> Session {
        self.session_factory().session()
    }

    /// A factory of sessions, to choose options once.
    #[must_use]
    pub fn session_factory(&self) -> SessionFactory {
        SessionFactory::new(self.clone())
    }
}
