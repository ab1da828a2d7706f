//! `get`, `get_one`, `peek`: objects by key.

use std::{
    borrow::Cow,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use super::{Session, hold_back::HoldBack};
use crate::{
    entity::{Entity, IntoKey, KeyType},
    error::{Error, ErrorKind, Result, StateCause, StateError},
    handle::{Persistent, Src},
    identity::{IdentityMap, Scope},
    load::{GrowsIn, Loaded},
    loading::Fetch,
    query::{
        Plan, RelationHint, Strategy,
        sql::{Lock, LockStrength, LockWait},
    },
    relationship::{Attribute, DeferredColumn},
    state::{Absorb, AnyStore, Status},
    value::print_values,
};

/// A [`Get`] that answers `None` when there is no such row.
#[derive(Debug)]
pub enum Optional {}

/// A [`Get`] that answers [`ErrorKind::NotFound`] when there is no such row.
#[derive(Debug)]
pub enum Required {}

type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

type Running<'s, E, L> = BoxFuture<'s, Result<Option<Persistent<'s, E, L>>>>;

/// An object by key, on its way: a future, with hints to put on before it is awaited.
#[must_use = "nothing is read until it is awaited"]
pub struct Get<'s, E: Entity, L, How> {
    session: &'s Session,
    key: E::Key,
    plan: Plan,
    lock: Option<Lock>,
    running: Option<Running<'s, E, L>>,
    how: PhantomData<fn() -> How>,
}

impl<'s, E: Entity, L: 'static, How> Get<'s, E, L, How> {
    fn retype<M>(self) -> Get<'s, E, M, How> {
        Get { session: self.session, key: self.key, plan: self.plan, lock: self.lock, running: None, how: PhantomData }
    }

    /// Loads a relationship as well; what is loaded already costs nothing.
    pub fn selectin<M>(mut self, hint: impl RelationHint<E, L, M>) -> Get<'s, E, M, How> {
        self.plan.add(hint.into_node(Strategy::SelectIn));
        self.retype()
    }

    /// Loads a relationship as well, in the same statement when the object is read.
    pub fn joined<M>(mut self, hint: impl RelationHint<E, L, M>) -> Get<'s, E, M, How> {
        self.plan.add(hint.into_node(Strategy::Joined));
        self.retype()
    }

    /// Reads a deferred column as well.
    pub fn undefer<M: Attribute + GrowsIn<E, L, Loaded<M>>, T>(
        mut self,
        _: DeferredColumn<M, T>,
    ) -> Get<'s, E, <M as GrowsIn<E, L, Loaded<M>>>::Output, How> {
        self.plan.undefer(E::DEF, M::INDEX);
        self.retype()
    }

    /// Locks the row (`SELECT … FOR UPDATE`) and reads it anew, unflushed changes of the object discarded: what is locked is
    /// what is seen. They are not written before either, by the autoflush; `flush` first to write them. SQLAlchemy returns stale
    /// attributes here, a lost update. For SQLite see
    /// [`Select::for_update`](crate::query::Select::for_update).
    pub fn for_update(mut self) -> Self {
        self.lock.get_or_insert_default().strength = LockStrength::Update;
        self
    }

    /// Locks the row against changes by others (`FOR SHARE`): [`Select::for_share`](crate::query::Select::for_share).
    pub fn for_share(mut self) -> Self {
        self.lock.get_or_insert_default().strength = LockStrength::Share;
        self
    }

    /// Fails where someone else holds the row, instead of waiting: [`Select::nowait`](crate::query::Select::nowait).
    pub fn nowait(mut self) -> Self {
        self.lock.get_or_insert_default().wait = LockWait::NoWait;
        self
    }

    /// As if the row were not there where someone else holds it: [`Select::skip_locked`](crate::query::Select::skip_locked).
    pub fn skip_locked(mut self) -> Self {
        self.lock.get_or_insert_default().wait = LockWait::SkipLocked;
        self
    }

    fn poll_object(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Persistent<'s, E, L>>>> {
        if let Some(running) = &mut self.running {
            return running.as_mut().poll(context);
        }
        if self.plan.is_empty() && self.lock.is_none() {
            if let Err(error) = self.session.check_active("get") {
                return Poll::Ready(Err(error));
            }
            let store = self.session.map.store::<E>();
            if let Some(slot) =
                store.find_key(&self.key).filter(|slot| store.status(slot.index()) == Status::Persistent)
            {
                return Poll::Ready(Ok(Some(Persistent::new(Src { map: &self.session.map, slot, scope: None }))));
            }
        }
        let (session, key, plan) = (self.session, self.key.clone(), std::mem::take(&mut self.plan));
        self.running.insert(Box::pin(session.read_key(key, plan, self.lock))).as_mut().poll(context)
    }
}

impl<'s, E: Entity, L: 'static> Future for Get<'s, E, L, Optional> {
    type Output = Result<Option<Persistent<'s, E, L>>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_object(context)
    }
}

impl<'s, E: Entity, L: 'static> Future for Get<'s, E, L, Required> {
    type Output = Result<Persistent<'s, E, L>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_object(context).map(|result| {
            result?.ok_or_else(|| {
                Error::new(ErrorKind::NotFound, "no such row")
                    .with_entity(E::DEF.name)
                    .with_key(print_values(&self.key.to_values()))
                    .with_verb("get_one")
            })
        })
    }
}

impl<E: Entity, L, How> Unpin for Get<'_, E, L, How> {}

impl<E: Entity, L, How> std::fmt::Debug for Get<'_, E, L, How> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Get<{}>", E::DEF.name)
    }
}

impl Session {
    /// The object with this key, `None` when there is no such row.
    ///
    /// Costs no statement when the session holds the object; else one SELECT, after an autoflush if there is anything to flush. Not found is
    /// not remembered.
    pub fn get<E: Entity>(&self, key: impl IntoKey<E>) -> Get<'_, E, E::Bare, Optional> {
        Get { session: self, key: key.into_key(), plan: Plan::default(), lock: None, running: None, how: PhantomData }
    }

    /// The object with this key; [`ErrorKind::NotFound`] when there is no such row. Costs what [`get`](Self::get) costs.
    pub fn get_one<E: Entity>(&self, key: impl IntoKey<E>) -> Get<'_, E, E::Bare, Required> {
        Get { session: self, key: key.into_key(), plan: Plan::default(), lock: None, running: None, how: PhantomData }
    }

    /// The object with this key as the session holds it. No statement, ever.
    ///
    /// # Errors
    /// What is lacking, and why: expired, never loaded, deleted.
    pub fn peek<E: Entity>(&self, key: impl IntoKey<E>) -> Result<Persistent<'_, E>, StateError> {
        let key = key.into_key();
        let entity = E::DEF.name;
        let printed = || print_values(&key.to_values());
        let store = self.map.store::<E>();
        let Some(slot) = store.find_key(&key) else {
            return Err(match store.deleted_with_key(&key) {
                true => StateError::Deleted { entity, key: printed() },
                false => {
                    StateError::NotLoaded { entity, key: printed(), attribute: None, cause: StateCause::NeverLoaded }
                }
            });
        };
        match store.status(slot.index()) {
            Status::Persistent => Ok(Persistent::new(Src { map: &self.map, slot, scope: None })),
            Status::Deleted => Err(StateError::Deleted { entity, key: printed() }),
            Status::Expired | Status::Pending | Status::Discarded => {
                Err(self.map.expired_error(IdentityMap::object(E::DEF, slot.index())))
            }
        }
    }

    /// Brings an object to what a `get` with hints or a lock asks for.
    async fn read_key<E: Entity, L: 'static>(
        &self,
        key: E::Key,
        plan: Plan,
        lock: Option<Lock>,
    ) -> Result<Option<Persistent<'_, E, L>>> {
        let found = self.read_object(E::DEF, &key.to_values(), &plan, lock).await?;
        Ok(found.map(|(slot, scope)| Persistent::new(Src::new(&self.map, slot, self.keep(scope)))))
    }

    async fn read_object(
        &self,
        def: &'static crate::schema::EntityDef,
        key: &[crate::value::Value],
        plan: &Plan,
        lock: Option<Lock>,
    ) -> Result<Option<(u32, Scope)>> {
        self.check_lock(lock).map_err(|error| error.with_entity(def.name).with_verb("get"))?;
        let mut operation = self.operation("get").await?;
        operation.begin_for(lock);
        let known = |map: &IdentityMap, status: Status| {
            let store = map.store_of(def);
            let slot = store.find(key).ok().flatten()?;
            (store.status(slot) == status && lock.is_none()).then_some(slot)
        };
        let held = |map: &IdentityMap| known(map, Status::Persistent);
        // What expired of one object is no question that pending changes could answer differently.
        let expired = known(&self.map, Status::Expired).filter(|slot| self.map.store_of(def).is_partly_known(*slot));
        let mut plan = Cow::Borrowed(plan);
        if (held(&self.map).is_none() && expired.is_none()) || !plan.is_empty() {
            // What was made of the old row is not written under the lock: the row that comes takes its place.
            let locked = self.map.held(def, key).filter(|_| lock.is_some());
            let all: Vec<usize> = (0..def.columns.len()).collect();
            let _held_back = HoldBack::new(&self.map, locked.into_iter().collect(), &all);
            operation.autoflush().await?;
            if let Some(object) = locked {
                let store = self.map.store_of(def);
                let shown = all.iter().filter(|at| def.columns[**at].deferred);
                let shown = shown.filter(|at| store.is_column_loaded(object.slot, **at) && !plan.columns.contains(at));
                let shown: Vec<usize> = shown.copied().collect();
                if !shown.is_empty() {
                    plan.to_mut().columns.extend(shown);
                }
            }
        }
        let plan = &*plan;
        let mut loader = operation.loader().await?;
        if let Some(slot) = expired
            && !loader.complete(def, slot).await?
        {
            self.map.note_gone(def, key);
            return Ok(None);
        }
        if let Some(slot) = held(&self.map) {
            let scope = loader.fill(def, &[slot], plan).await.map_err(|error| error.of_verb("get"))?;
            return Ok(Some((slot, scope)));
        }
        let absorb = if lock.is_some() { Absorb::Populate } else { Absorb::Fill };
        let fetch = Fetch { absorb, lock, ..Fetch::all(def, plan) };
        let found = loader.fetch_key(&fetch, key).await.map_err(|error| error.of_verb("get"))?;
        if found.is_none() && lock.is_none() {
            self.map.note_gone(def, key);
        }
        Ok(found)
    }

    pub(super) fn keep(&self, scope: Scope) -> Option<&Scope> {
        (!scope.is_empty()).then(|| self.map.keep_scope(scope))
    }
}
