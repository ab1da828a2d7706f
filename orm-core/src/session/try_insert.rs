//! `try_insert` and `get_or_insert`: inserting what may be there already, and going on.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::{Running, Session};
use crate::{
    database::Reads,
    entity::{Entity, IntoKey, KeyType},
    error::{Conflict, ConflictKind, Error, ErrorKind, Result},
    handle::{IntoTransient, Persistent, Src, Transient},
    load::Load,
    query::Select,
    value::print_values,
};

type Tried<'s, E, L> = Result<Result<Persistent<'s, E, L>, Conflict>>;

/// An object on its way into the database, which may refuse it: await it.
#[must_use = "nothing is inserted until it is awaited"]
pub struct TryInsert<'s, E: Entity, L>(Pin<Box<dyn Future<Output = Tried<'s, E, L>> + Send + 's>>);

impl<'s, E: Entity, L> Future for TryInsert<'s, E, L> {
    type Output = Tried<'s, E, L>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<E: Entity, L> std::fmt::Debug for TryInsert<'_, E, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TryInsert<{}>", E::DEF.name)
    }
}

impl Session {
    /// Inserts a new object, with every new object that it is linked to; where a constraint refuses one of them, nothing of them is
    /// left, and the session, its transaction and all handles live on.
    ///
    /// The outer result is for what ends the transaction, the inner one for what can be gone on from:
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)]
    /// # #[orm(table = "users")]
    /// # pub struct User { #[orm(primary_key)] id: i64, #[orm(unique)] email: String }
    /// # async fn run(session: &Session) -> Result<(), Error> {
    /// match session.try_insert(User::builder().email("ada@x.org")).await? {
    ///     Ok(ada) => println!("welcome, {}", ada.email()),
    ///     Err(conflict) => println!("taken: {:?}", conflict.columns()),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// What was pending before is flushed first. Costs what [`insert`](Self::insert) costs, and two statements for the savepoint.
    ///
    /// The future's errors are those of [`insert`](Self::insert). One that the savepoint mends (a value that the database refuses, a
    /// parent that is missing) leaves the session usable too; a lost connection, a serialisation failure, and an error in what was
    /// pending before do not. Dropped before it is done, the session answers
    /// [`ErrorKind::PendingRollback`].
    pub fn try_insert<E: Entity, L: Load<E>>(&self, object: impl IntoTransient<E, L>) -> TryInsert<'_, E, L> {
        let object = object.into_transient();
        TryInsert(Box::pin(self.try_transient(object, "try_insert")))
    }

    /// The object with this key, or a new one where there is none.
    ///
    /// Who else inserts it in the meantime wins, and their row is read: two writers get the same object.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)]
    /// # #[orm(table = "settings")]
    /// # pub struct Setting { #[orm(primary_key, generated = false)] name: String, value: String }
    /// # async fn run(session: &Session) -> Result<(), Error> {
    /// let theme = session.get_or_insert("theme".to_owned(), || Setting::builder().name("theme").value("dark")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// Costs no statement when the session holds the object, one SELECT when the database has it; else the SELECT and what
    /// [`try_insert`](Self::try_insert) costs, and one more SELECT when someone else won. Where objects are marked for deletion it flushes
    /// first, so that a new object takes the place of one that goes; [`undelete`](Self::undelete) keeps the old one.
    ///
    /// The future's errors are those of [`try_insert`](Self::try_insert), the conflict included where another constraint than the key
    /// refused the new object, or the transaction's isolation hides the row of whoever won; [`ErrorKind::State`] when the new object has
    /// another key.
    pub fn get_or_insert<'s: 'm, 'm, E: Entity, T: IntoTransient<E, L>, L: 'static>(
        &'s self,
        key: impl IntoKey<E>,
        make: impl FnOnce() -> T + Send + 'm,
    ) -> Running<'m, Persistent<'s, E>> {
        let key = key.into_key();
        Running::new(self.find_or_insert(key, move || make().into_transient().retype()))
    }

    async fn find_or_insert<E: Entity>(
        &self,
        key: E::Key,
        make: impl FnOnce() -> Transient<E>,
    ) -> Result<Persistent<'_, E>> {
        const VERB: &str = "get_or_insert";
        self.delete_first(VERB).await?;
        if let Some(found) = self.get(crate::entity::Key::<E>::new(key.clone())).await? {
            return Ok(found);
        }
        let conflict = {
            let object = make();
            match Box::pin(self.try_transient(object, VERB)).await? {
                Ok(new) if new.key_value() == key => return Ok(new),
                Ok(new) => {
                    return Err(Error::new(
                        ErrorKind::State,
                        format!(
                            "inserted, but with the key {} and not the one that was looked for: set the key in the builder",
                            print_values(&new.key_value().to_values())
                        ),
                    )
                    .with_entity(E::DEF.name)
                    .with_key(print_values(&key.to_values()))
                    .with_verb(VERB));
                }
                Err(conflict) => conflict,
            }
        };
        if conflict.kind() != ConflictKind::Unique {
            return Err(conflict.into());
        }
        let get = self.get(crate::entity::Key::<E>::new(key));
        // A plain SELECT would not see the row that was in the way.
        let get = if self.database.backend().reads() == Reads::Snapshot { get.for_share() } else { get };
        get.await?.ok_or_else(|| conflict.into())
    }

    /// The one object that a query finds, or a new one where it finds none: what [`get_or_insert`](Self::get_or_insert) is for a key.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)]
    /// # #[orm(table = "tags")]
    /// # pub struct Tag { #[orm(primary_key)] id: i64, #[orm(unique)] name: String }
    /// # async fn run(session: &Session) -> Result<(), Error> {
    /// let tag = session.one_or_insert(&Tag::select().filter(Tag::NAME.eq("rust")), || Tag::builder().name("rust")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// One SELECT; where it finds nothing, what [`try_insert`](Self::try_insert) costs as well, and one more SELECT when someone else won.
    /// Where objects are marked for deletion it flushes first, whatever the session's autoflush says, and does not find them.
    ///
    /// The future's errors are those of [`one_or_none`](Self::one_or_none) and [`get_or_insert`](Self::get_or_insert).
    pub fn one_or_insert<'s: 'm, 'm, E: Entity, T: IntoTransient<E, L>, L: 'static>(
        &'s self,
        query: &'m Select<E>,
        make: impl FnOnce() -> T + Send + 'm,
    ) -> Running<'m, Persistent<'s, E>> {
        Running::new(self.query_or_insert(query, move || make().into_transient().retype()))
    }

    async fn query_or_insert<E: Entity>(
        &self,
        query: &Select<E>,
        make: impl FnOnce() -> Transient<E>,
    ) -> Result<Persistent<'_, E>> {
        self.delete_first("one_or_insert").await?;
        if let Some(found) = self.one_or_none(query).await? {
            return Ok(found);
        }
        let conflict = {
            let object = make();
            match Box::pin(self.try_transient(object, "one_or_insert")).await? {
                Ok(new) => return Ok(new),
                Err(conflict) => conflict,
            }
        };
        if conflict.kind() != ConflictKind::Unique {
            return Err(conflict.into());
        }
        let found = if self.database.backend().reads() == Reads::Snapshot {
            self.one_or_none(&query.clone().for_share()).await?
        } else {
            self.one_or_none(query).await?
        };
        found.ok_or_else(|| conflict.into())
    }

    /// What is marked for deletion goes before anything is looked for: it would be found, and be gone with the commit.
    async fn delete_first(&self, verb: &'static str) -> Result<()> {
        let is_needed = self.map.work().going().next().is_some();
        if is_needed { self.operation(verb).await?.flush().await } else { Ok(()) }
    }

    async fn try_transient<E: Entity, L: Load<E>>(
        &self,
        object: Transient<E, L>,
        verb: &'static str,
    ) -> Tried<'_, E, L> {
        self.check_writable(verb).map_err(|error| error.with_entity(E::DEF.name))?;
        let mut operation = self.operation(verb).await?;
        let tried = operation
            .flush_in_savepoint(|map| {
                let (root, added) = map.add_tracked(Box::new(object)).map_err(|error| error.with_verb(verb))?;
                Ok((root, added))
            })
            .await;
        match tried {
            Ok(root) => {
                self.promise_inserted(E::DEF, &[root], &L::shape(), verb)?;
                Ok(Ok(Persistent::new(Src::new(&self.map, root.slot, None))))
            }
            // Inactive, it must be rolled back whatever it was.
            Err(error) if self.needs_rollback() => Err(error),
            Err(error) => Conflict::of(error).map(Err),
        }
    }
}
