//! SQL of your own: into tuples, structs and entities, on a session or on a database.

use std::{
    borrow::Cow,
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
};

use super::{Running, Session, plain::hand_out};
use crate::{
    database::{Cells, Database, Statement, StatementKind, only_reads, transaction_frame},
    entity::Entity,
    error::{Error, ErrorKind, Result},
    handle::{Detached, Persistent, Src},
    identity::IdentityMap,
    lexer::Marks,
    load::{GrowsIn, Load, Loaded},
    loading::{Loader, Most, RowDecoder},
    query::{Bind, FromRow, Plan, RelationHint, Strategy},
    relationship::{Attribute, DeferredColumn},
    value::Value,
};

type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// A statement of your own, from [`Session::sql`] or [`Database::sql`].
///
/// `?` stands for the next value given to [`bind`](Self::bind), on every database; `?1` for the first, wherever it stands. On
/// PostgreSQL they are sent as `$1`, `$2`, .. (which may be written as well), and `??` is a question mark; what is inside of
/// literals, quoted names and comments is left alone. Values never become text: nothing has to be escaped.
///
/// ```
/// # use orm_core::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// # let db = Database::connect("sqlite::memory:").await?;
/// db.sql("CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT, likes INTEGER)").execute().await?;
/// db.sql("INSERT INTO posts (title, likes) VALUES (?, ?), (?, ?)").bind("Notes").bind(3).bind("Loops").bind(9).execute().await?;
///
/// let popular: Vec<(String, i64)> = db.sql("SELECT title, likes FROM posts WHERE likes > ?").bind(5).all().await?;
/// assert_eq!(popular, [("Loops".to_owned(), 9)]);
/// let likes = db.sql("SELECT sum(likes) FROM posts").one::<i64>().await?;
/// assert_eq!(likes, 12);
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until it is asked for rows or executed"]
pub struct RawSql<'a, On> {
    on: &'a On,
    sql: Cow<'static, str>,
    values: Vec<Value>,
}

/// Rows of a statement of your own as entities, from [`RawSql::entities`]: awaited, all of them.
///
/// Hints say what to load with them. On a session they become handles, on a database detached values.
#[must_use = "nothing is sent until it is awaited"]
pub struct RawEntities<'a, On, E: Entity, L = <E as Entity>::Bare> {
    raw: RawSql<'a, On>,
    plan: Plan,
    types: PhantomData<fn() -> (E, L)>,
}

impl Session {
    /// A statement of your own, in this session's transaction and after an autoflush.
    ///
    /// ```no_run
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)]
    /// # #[orm(table = "users")]
    /// # pub struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn run(session: Session) -> Result<(), Error> {
    /// let users = session.sql("SELECT * FROM users WHERE length(name) > ?").bind(20).entities::<User>().await?;
    /// for user in users {
    ///     user.set_name(&user.name()[..20]); // tracked like any other
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// The session does not know what a statement writes: objects that it holds stay as they are until they are read again.
    /// What begins or ends a transaction is refused.
    pub fn sql(&self, sql: impl Into<Cow<'static, str>>) -> RawSql<'_, Session> {
        RawSql { on: self, sql: sql.into(), values: Vec::new() }
    }
}

impl Database {
    /// A statement of your own, in a transaction of its own.
    ///
    /// ```no_run
    /// # use orm_core::prelude::*;
    /// # async fn run(db: Database) -> Result<(), Error> {
    /// let names: Vec<String> = db.sql("SELECT name FROM users WHERE name LIKE ?").bind("A%").all().await?;
    /// # Ok(()) }
    /// ```
    pub fn sql(&self, sql: impl Into<Cow<'static, str>>) -> RawSql<'_, Database> {
        RawSql { on: self, sql: sql.into(), values: Vec::new() }
    }
}

impl<'a, On: RunSql> RawSql<'a, On> {
    /// The value of the next `?`.
    pub fn bind(mut self, value: impl Bind) -> Self {
        self.values.push(value.into_value());
        self
    }

    /// All rows. One statement.
    ///
    /// The future's errors are what the database refused; [`ErrorKind::Schema`] when the result lacks a column, which [`Error::columns`] names;
    /// [`ErrorKind::Decode`] when a cell is not of the type, or a tuple is not as wide as the result.
    pub fn all<T: FromRow + 'a>(self) -> Running<'a, Vec<T>> {
        Running::new(self.rows(Most::ALL))
    }

    /// The first row, `None` when there is none. The database makes all of them unless the text has a LIMIT.
    ///
    /// The future's errors are those of [`all`](Self::all).
    pub fn first<T: FromRow + 'a>(self) -> Running<'a, Option<T>> {
        Running::new(async { Ok(self.rows(Most(1)).await?.pop()) })
    }

    /// The only row.
    ///
    /// The future's errors are [`ErrorKind::NotFound`] when there is none, [`ErrorKind::MultipleRows`] when there are more, and those of [`all`](Self::all).
    pub fn one<T: FromRow + 'a>(self) -> Running<'a, T> {
        Running::new(async { only(self.rows(Most(2)).await?)?.ok_or_else(no_row) })
    }

    /// The only row, `None` when there is none.
    ///
    /// The future's errors are [`ErrorKind::MultipleRows`] when there are more, and those of [`all`](Self::all).
    pub fn one_or_none<T: FromRow + 'a>(self) -> Running<'a, Option<T>> {
        Running::new(async { only(self.rows(Most(2)).await?) })
    }

    /// Runs the statement for its effect; gives the number of rows that it changed.
    ///
    /// # Errors
    /// What the database refused, classified by [`kind`](Error::kind).
    pub async fn execute(self) -> Result<u64> {
        self.on.execute_raw(self.sql, self.values).await
    }

    /// Rows as entities: each takes its columns by their names in the table, whatever their order, and leaves others alone.
    ///
    /// An object for each row, in the order of the rows: twice the same where a JOIN repeats it.
    pub fn entities<E: Entity>(self) -> RawEntities<'a, On, E> {
        RawEntities { raw: self, plan: Plan::default(), types: PhantomData }
    }

    async fn rows<T: FromRow>(self, most: Most) -> Result<Vec<T>> {
        let mut found = Vec::new();
        let mut decoder = RowDecoder::default();
        let mut each = |cells: &Cells<'_>| -> Result<()> {
            if found.len() < most.0 {
                found.push(decoder.decode(cells)?);
            }
            Ok(())
        };
        self.on.fetch_raw(self.sql, self.values, &mut each).await?;
        Ok(found)
    }
}

/// Where a statement of your own runs: a [`Session`] or a [`Database`].
pub trait RunSql: Sync + 'static {
    #[doc(hidden)]
    fn fetch_raw(
        &self,
        sql: Cow<'static, str>,
        values: Vec<Value>,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> impl Future<Output = Result<u64>> + Send;

    #[doc(hidden)]
    fn execute_raw(&self, sql: Cow<'static, str>, values: Vec<Value>) -> impl Future<Output = Result<u64>> + Send;
}

impl RunSql for Database {
    async fn fetch_raw(
        &self,
        sql: Cow<'static, str>,
        values: Vec<Value>,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        self.acquire().await?.fetch(&statement(sql, values), each).await
    }

    async fn execute_raw(&self, sql: Cow<'static, str>, values: Vec<Value>) -> Result<u64> {
        self.acquire().await?.execute(&statement(sql, values)).await
    }
}

impl RunSql for Session {
    async fn fetch_raw(
        &self,
        sql: Cow<'static, str>,
        values: Vec<Value>,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        let statement = self.raw_statement(sql, values)?;
        let mut operation = self.operation("sql").await?;
        operation.autoflush().await?;
        operation.connection().await?.fetch(&statement, each).await
    }

    async fn execute_raw(&self, sql: Cow<'static, str>, values: Vec<Value>) -> Result<u64> {
        let statement = self.raw_statement(sql, values)?;
        let mut operation = self.operation("sql").await?;
        operation.autoflush().await?;
        operation.connection().await?.execute(&statement).await
    }
}

impl Session {
    /// The statement, unless it begins or ends a transaction: that is for the session's own verbs, which know the objects. A session
    /// that only reads takes what only reads.
    fn raw_statement(&self, sql: Cow<'static, str>, values: Vec<Value>) -> Result<Statement> {
        let syntax = self.database.backend().syntax();
        if StatementKind::read(syntax, &sql).is_of_transactions() {
            return Err(transaction_frame().with_verb("sql"));
        }
        if !only_reads(syntax, &sql) {
            self.check_writable("sql")?;
        }
        Ok(statement(sql, values))
    }
}

/// The statement, to be read when it is known who answers.
pub(super) fn statement(sql: Cow<'static, str>, values: Vec<Value>) -> Statement {
    match sql {
        Cow::Borrowed(sql) => Statement::of_program(sql, values, Marks::Question),
        Cow::Owned(sql) => Statement::of_program(sql, values, Marks::Question),
    }
}

/// The only one, of at most two that were taken.
fn only<T>(mut found: Vec<T>) -> Result<Option<T>> {
    if found.len() > 1 {
        return Err(Error::new(ErrorKind::MultipleRows, "more than one row; `first` takes the first of several"));
    }
    Ok(found.pop())
}

#[cold]
fn no_row() -> Error {
    Error::new(ErrorKind::NotFound, "no row; `one_or_none` gives an Option")
}

impl<'a, On, E: Entity, L> RawEntities<'a, On, E, L> {
    fn retype<M>(self) -> RawEntities<'a, On, E, M> {
        RawEntities { raw: self.raw, plan: self.plan, types: PhantomData }
    }

    /// Loads a relationship with a second statement.
    #[doc(alias = "selectinload")]
    pub fn selectin<M>(mut self, hint: impl RelationHint<E, L, M>) -> RawEntities<'a, On, E, M> {
        self.plan.add(hint.into_node(Strategy::SelectIn));
        self.retype()
    }

    /// Holds a deferred column as well: out of the rows where they have it, else by a second statement.
    pub fn undefer<M: Attribute + GrowsIn<E, L, Loaded<M>>, T>(
        mut self,
        _: DeferredColumn<M, T>,
    ) -> RawEntities<'a, On, E, <M as GrowsIn<E, L, Loaded<M>>>::Output> {
        self.plan.undefer(E::DEF, M::INDEX);
        self.retype()
    }
}

/// On a session: handles.
impl<'s, E: Entity, L: 'static> RawEntities<'s, Session, E, L> {
    /// The first object, `None` when there is no row.
    ///
    /// # Errors
    /// As [`RawSql::all`].
    pub async fn first(self) -> Result<Option<Persistent<'s, E, L>>> {
        Ok(self.handles(Most(1)).await?.pop())
    }

    /// The object of the only row.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::MultipleRows`] when there are more; as [`RawSql::all`].
    pub async fn one(self) -> Result<Persistent<'s, E, L>> {
        self.one_or_none().await?.ok_or_else(|| no_row().with_entity(E::DEF.name))
    }

    /// The object of the only row, `None` when there is none.
    ///
    /// # Errors
    /// [`ErrorKind::MultipleRows`] when there are more; as [`RawSql::all`].
    pub async fn one_or_none(self) -> Result<Option<Persistent<'s, E, L>>> {
        only(self.handles(Most(2)).await?).map_err(|error| error.with_entity(E::DEF.name))
    }

    async fn handles(self, most: Most) -> Result<Vec<Persistent<'s, E, L>>> {
        let RawSql { on: session, sql, values } = self.raw;
        let statement = session.raw_statement(sql, values)?;
        let mut operation = session.operation("sql").await?;
        operation.autoflush().await?;
        let (slots, scope) = operation.loader().await?.fetch_named(E::DEF, &statement, &self.plan, most).await?;
        let scope = session.keep(scope);
        Ok(slots.into_iter().map(|slot| Persistent::new(Src::new(&session.map, slot, scope))).collect())
    }
}

/// On a database: detached values.
impl<E: Entity, L: Load<E>> RawEntities<'_, Database, E, L> {
    /// The first value, `None` when there is no row.
    ///
    /// # Errors
    /// As [`RawSql::all`].
    pub async fn first(self) -> Result<Option<Detached<E, L>>> {
        Ok(self.values(Most(1)).await?.pop())
    }

    /// The value of the only row.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::MultipleRows`] when there are more; as [`RawSql::all`].
    pub async fn one(self) -> Result<Detached<E, L>> {
        self.one_or_none().await?.ok_or_else(|| no_row().with_entity(E::DEF.name))
    }

    /// The value of the only row, `None` when there is none.
    ///
    /// # Errors
    /// [`ErrorKind::MultipleRows`] when there are more; as [`RawSql::all`].
    pub async fn one_or_none(self) -> Result<Option<Detached<E, L>>> {
        only(self.values(Most(2)).await?).map_err(|error| error.with_entity(E::DEF.name))
    }

    async fn values(self, most: Most) -> Result<Vec<Detached<E, L>>> {
        let RawSql { on: database, sql, values } = self.raw;
        let statement = statement(sql, values);
        let mut connection = database.acquire().await?;
        let map = IdentityMap::new();
        let (slots, scope) = Loader::new(&map, &mut connection, database.texts())
            .fetch_named(E::DEF, &statement, &self.plan, most)
            .await?;
        drop(connection);
        Ok(hand_out(&map, &slots, &scope))
    }
}

impl<'s, E: Entity, L: 'static> IntoFuture for RawEntities<'s, Session, E, L> {
    type Output = Result<Vec<Persistent<'s, E, L>>>;
    type IntoFuture = BoxFuture<'s, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.handles(Most::ALL))
    }
}

impl<'d, E: Entity, L: Load<E>> IntoFuture for RawEntities<'d, Database, E, L> {
    type Output = Result<Vec<Detached<E, L>>>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.values(Most::ALL))
    }
}

/// Without the values, which may be sensitive.
impl<On> fmt::Debug for RawSql<'_, On> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{} values]", self.sql, self.values.len())
    }
}

impl<On, E: Entity, L> fmt::Debug for RawEntities<'_, On, E, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {:?}", E::DEF.name, self.raw)
    }
}
