//! `User::select()`: a query as a value, run by a session (handles) or a database (detached values).

use std::marker::PhantomData;

use super::{
    hint::{RelationHint, RelationHintIf},
    plan::{Plan, Strategy},
    sql::{Lock, LockStrength, LockWait},
};
use crate::{
    entity::Entity,
    expr::{Node, OrderBy, OrderNode, Predicate},
    load::{GrowsIn, Loaded},
    relationship::{Attribute, DeferredColumn},
};

/// What a query asks for, without types.
#[derive(Clone, Debug, Default)]
pub(crate) struct SelectParts {
    pub(crate) filter: Option<Node>,
    pub(crate) order: Vec<OrderNode>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    pub(crate) plan: Plan,
    pub(crate) existing: Existing,
    pub(crate) lock: Option<Lock>,
}

/// What a query does to objects that the session holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Existing {
    /// They stay as they are.
    #[default]
    Keep,
    /// They show what the database has.
    Populate,
}

/// A query for objects of `E`, each of which holds `L`. Costs nothing until it is run.
///
/// Filter, order, limit and offset never change the type: they can be put on in a loop or behind an `if`.
pub struct Select<E: Entity, L = <E as Entity>::Bare> {
    pub(crate) parts: SelectParts,
    types: PhantomData<fn() -> (E, L)>,
}

impl<E: Entity> Select<E> {
    #[doc(hidden)]
    #[must_use]
    pub fn new() -> Self {
        Self { parts: SelectParts::default(), types: PhantomData }
    }
}

impl<E: Entity> Default for Select<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Entity, L> Clone for Select<E, L> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone(), types: PhantomData }
    }
}

impl<E: Entity, L> std::fmt::Debug for Select<E, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Select").field("entity", &E::DEF.name).field("parts", &self.parts).finish()
    }
}

impl<E: Entity, L> Select<E, L> {
    fn retype<M>(self) -> Select<E, M> {
        Select { parts: self.parts, types: PhantomData }
    }

    /// Only objects that match; several filters must all match.
    #[must_use]
    pub fn filter(mut self, predicate: Predicate<E>) -> Self {
        let node = predicate.into_node();
        self.parts.filter = Some(match self.parts.filter.take() {
            Some(known) => known.and(node),
            None => node,
        });
        self
    }

    /// In this order; a second call sorts within the first.
    #[must_use]
    pub fn order_by(mut self, order: OrderBy<E>) -> Self {
        self.parts.order.push(order.into_node());
        self
    }

    /// At most so many objects: of `E`, however many related rows come with each.
    #[must_use]
    pub fn limit(mut self, count: u64) -> Self {
        self.parts.limit = Some(count);
        self
    }

    /// Without the first so many.
    #[must_use]
    pub fn offset(mut self, count: u64) -> Self {
        self.parts.offset = Some(count);
        self
    }

    /// Objects that the session holds show what the rows say, and their unflushed changes are discarded. SQLAlchemy's
    /// `populate_existing`; without it a row overwrites nothing that this transaction has read.
    ///
    /// With autoflush on, changes are written before the query and read again. Costs what the query costs, and one statement for each
    /// relationship of it, or for a to-one whose foreign key changed under a handle that was promised it. Without a session
    /// nothing is held, and it says nothing.
    #[must_use]
    pub fn populate_existing(mut self) -> Self {
        self.parts.existing = Existing::Populate;
        self
    }

    /// Locks the rows that are found (`SELECT … FOR UPDATE`) until the transaction ends, and shows them as they are now: what is locked is
    /// what is seen. SQLAlchemy's `with_for_update`.
    ///
    /// Nothing that was computed from an old row is written under the lock. Unflushed changes of objects of `E` stay out of the autoflush,
    /// and the query does not see them, unless this transaction has locked or written their rows already. A change of an object that is
    /// found stays where its row is as it was seen, and is discarded where someone else changed the row; one of an object that is not
    /// found waits for the next flush. To write them whatever the rows are, `flush` first.
    ///
    /// Rows of `E` itself are locked, not what hints bring along. SQLite has one lock for the whole database: a transaction that begins
    /// with this query takes it at once, as with [`BeginMode::Immediate`](crate::database::BeginMode::Immediate); one that has
    /// read before takes it with its first write, which fails with
    /// [`ErrorKind::Serialization`](crate::error::ErrorKind::Serialization) if someone else has written in between.
    ///
    /// Without a session the lock would end with the statement: refused with [`ErrorKind::State`](crate::error::ErrorKind::State).
    #[doc(alias = "with_for_update")]
    #[must_use]
    pub fn for_update(mut self) -> Self {
        self.parts.lock.get_or_insert_default().strength = LockStrength::Update;
        self
    }

    /// Locks the rows that are found against changes by others, who may lock them for sharing too (`FOR SHARE`); else as
    /// [`for_update`](Self::for_update).
    #[must_use]
    pub fn for_share(mut self) -> Self {
        self.parts.lock.get_or_insert_default().strength = LockStrength::Share;
        self
    }

    /// Fails with [`ErrorKind::LockNotAvailable`](crate::error::ErrorKind::LockNotAvailable) where someone else holds a row, instead of
    /// waiting; locks for update unless [`for_share`](Self::for_share) is said. The transaction must be rolled back then, or the
    /// savepoint that the query was sent in.
    ///
    /// SQLite has no such query: refused with [`ErrorKind::Unsupported`](crate::error::ErrorKind::Unsupported) before it is sent.
    #[must_use]
    pub fn nowait(mut self) -> Self {
        self.parts.lock.get_or_insert_default().wait = LockWait::NoWait;
        self
    }

    /// Leaves out the rows that someone else holds, instead of waiting: each worker takes another job from a queue. Locks for update
    /// unless [`for_share`](Self::for_share) is said.
    ///
    /// SQLite has no such query: refused with [`ErrorKind::Unsupported`](crate::error::ErrorKind::Unsupported) before it is sent.
    #[must_use]
    pub fn skip_locked(mut self) -> Self {
        self.parts.lock.get_or_insert_default().wait = LockWait::SkipLocked;
        self
    }

    /// Loads a relationship with a second statement. SQLAlchemy's `selectinload`.
    ///
    /// Costs one statement, however many objects come back; none when none do.
    #[doc(alias = "selectinload")]
    #[must_use]
    pub fn selectin<M>(mut self, hint: impl RelationHint<E, L, M>) -> Select<E, M> {
        self.parts.plan.add(hint.into_node(Strategy::SelectIn));
        self.retype()
    }

    /// Loads a relationship in the same statement, by a JOIN. SQLAlchemy's `joinedload`.
    #[doc(alias = "joinedload")]
    #[must_use]
    pub fn joined<M>(mut self, hint: impl RelationHint<E, L, M>) -> Select<E, M> {
        self.parts.plan.add(hint.into_node(Strategy::Joined));
        self.retype()
    }

    /// Loads a relationship if `wanted`. The type is the same either way (`?include=posts` is one handler): `try_posts()` reads it.
    #[must_use]
    pub fn selectin_if<M>(mut self, wanted: bool, hint: impl RelationHintIf<E, L, M>) -> Select<E, M> {
        self.parts.plan.add(hint.into_node_if(wanted, Strategy::SelectIn));
        self.retype()
    }

    /// As [`selectin_if`](Self::selectin_if), by a JOIN.
    #[must_use]
    pub fn joined_if<M>(mut self, wanted: bool, hint: impl RelationHintIf<E, L, M>) -> Select<E, M> {
        self.parts.plan.add(hint.into_node_if(wanted, Strategy::Joined));
        self.retype()
    }

    /// Selects a deferred column as well.
    #[must_use]
    pub fn undefer<M: Attribute + GrowsIn<E, L, Loaded<M>>, T>(
        mut self,
        _: DeferredColumn<M, T>,
    ) -> Select<E, <M as GrowsIn<E, L, Loaded<M>>>::Output> {
        self.parts.plan.undefer(E::DEF, M::INDEX);
        self.retype()
    }
}
