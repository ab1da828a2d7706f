//! `get_many`: objects by their keys, all at once.

use std::{
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
};

use super::Session;
use crate::{
    collections::HashSet,
    entity::{Entity, IntoKey, KeyType},
    error::Result,
    handle::{Persistent, Src},
    identity::Scope,
    load::{GrowsIn, Loaded},
    loading::Fetch,
    query::{
        Plan, RelationHint, Strategy,
        sql::{Lock, LockStrength, LockWait},
    },
    relationship::{Attribute, DeferredColumn},
    schema::EntityDef,
    state::{Absorb, Status},
    value::{ComparableKey, Value},
};

/// Objects by their keys, on their way: await it, with hints put on before.
#[must_use = "nothing is read until it is awaited"]
pub struct GetMany<'s, E: Entity, L> {
    session: &'s Session,
    keys: Vec<Vec<Value>>,
    plan: Plan,
    lock: Option<Lock>,
    state: PhantomData<fn() -> (E, L)>,
}

impl Session {
    /// The objects with these keys, in the order of the keys: `None` for a key without a row, the same object for the same key. What to
    /// do instead of a [`get`](Self::get) for each in a loop or in a stream.
    ///
    /// Costs no statement when the session holds all of them; else one SELECT for those that it does not hold (more where there are more
    /// keys than a statement of the database takes), after an autoflush if there is anything to flush. It takes the hints that `get` takes.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")] struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn example(session: &Session, wanted: &[i64]) -> Result<(), Error> {
    /// for (id, user) in wanted.iter().zip(session.get_many::<User>(wanted.iter().copied()).await?) {
    ///     println!("{id}: {}", user.map_or("nobody", |user| user.name()));
    /// }
    /// # Ok(()) }
    /// ```
    pub fn get_many<E: Entity>(&self, keys: impl IntoIterator<Item = impl IntoKey<E>>) -> GetMany<'_, E, E::Bare> {
        let keys = keys.into_iter().map(|key| key.into_key().to_values()).collect();
        GetMany { session: self, keys, plan: Plan::default(), lock: None, state: PhantomData }
    }
}

impl<'s, E: Entity, L: 'static> GetMany<'s, E, L> {
    fn retype<M>(self) -> GetMany<'s, E, M> {
        GetMany { session: self.session, keys: self.keys, plan: self.plan, lock: self.lock, state: PhantomData }
    }

    /// Loads a relationship of all of them as well, in one statement; what is loaded already costs nothing.
    pub fn selectin<M>(mut self, hint: impl RelationHint<E, L, M>) -> GetMany<'s, E, M> {
        self.plan.add(hint.into_node(Strategy::SelectIn));
        self.retype()
    }

    /// Loads a relationship as well, in the same statement for those that are read.
    pub fn joined<M>(mut self, hint: impl RelationHint<E, L, M>) -> GetMany<'s, E, M> {
        self.plan.add(hint.into_node(Strategy::Joined));
        self.retype()
    }

    /// Reads a deferred column as well.
    pub fn undefer<M: Attribute + GrowsIn<E, L, Loaded<M>>, T>(
        mut self,
        _: DeferredColumn<M, T>,
    ) -> GetMany<'s, E, <M as GrowsIn<E, L, Loaded<M>>>::Output> {
        self.plan.undefer(E::DEF, M::INDEX);
        self.retype()
    }

    /// Locks the rows and reads them anew, as [`Get::for_update`](super::Get::for_update) does.
    pub fn for_update(mut self) -> Self {
        self.lock.get_or_insert_default().strength = LockStrength::Update;
        self
    }

    /// Locks the rows against changes by others: [`Select::for_share`](crate::query::Select::for_share).
    pub fn for_share(mut self) -> Self {
        self.lock.get_or_insert_default().strength = LockStrength::Share;
        self
    }

    /// Fails where someone else holds a row, instead of waiting: [`Select::nowait`](crate::query::Select::nowait).
    pub fn nowait(mut self) -> Self {
        self.lock.get_or_insert_default().wait = LockWait::NoWait;
        self
    }

    /// As if rows that someone else holds were not there: [`Select::skip_locked`](crate::query::Select::skip_locked).
    pub fn skip_locked(mut self) -> Self {
        self.lock.get_or_insert_default().wait = LockWait::SkipLocked;
        self
    }
}

impl<'s, E: Entity, L: 'static> IntoFuture for GetMany<'s, E, L> {
    type Output = Result<Vec<Option<Persistent<'s, E, L>>>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 's>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { session, keys, plan, lock, .. } = self;
        Box::pin(async move {
            let (slots, scope) = session.read_objects(E::DEF, &keys, &plan, lock).await?;
            let scope = session.keep(scope);
            let handle = |slot| Persistent::new(Src::new(&session.map, slot, scope));
            Ok(slots.into_iter().map(|slot| slot.map(handle)).collect())
        })
    }
}

impl<E: Entity, L> std::fmt::Debug for GetMany<'_, E, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GetMany<{}>", E::DEF.name)
    }
}

impl Session {
    async fn read_objects(
        &self,
        def: &'static EntityDef,
        keys: &[Vec<Value>],
        plan: &Plan,
        lock: Option<Lock>,
    ) -> Result<(Vec<Option<u32>>, Scope)> {
        const VERB: &str = "get_many";
        self.check_lock(lock).map_err(|error| error.with_entity(def.name).with_verb(VERB))?;
        let mut operation = self.operation(VERB).await?;
        operation.begin_for(lock);
        let store = self.map.store_of(def);
        let held =
            |key: &[Value]| store.find(key).ok().flatten().filter(|slot| store.status(*slot) == Status::Persistent);
        let lacking = || {
            let mut seen = HashSet::new();
            let distinct = keys.iter().filter(move |key| seen.insert(ComparableKey::of(*key)));
            distinct.filter(|key| lock.is_some() || held(key).is_none()).cloned().collect::<Vec<_>>()
        };
        let mut wanted = lacking();
        if !wanted.is_empty() || (!plan.is_empty() && !keys.is_empty()) {
            operation.autoflush().await?;
            wanted = lacking();
        }
        let absorb = if lock.is_some() { Absorb::Populate } else { Absorb::Fill };
        let fetch = Fetch { absorb, lock, ..Fetch::all(def, plan) };
        // What the database found for a key that it takes for equal to that of the row.
        let mut spelled_otherwise = Vec::new();
        let mut read = HashSet::new();
        if !wanted.is_empty() {
            let mut loader = operation.loader().await?;
            let found = loader.fetch_keys(&fetch, &wanted).await.map_err(|error| error.of_verb(VERB))?;
            read.extend(found);
            let by_key: HashSet<u32> = wanted.iter().filter_map(|key| held(key)).collect();
            let all_match = read.is_subset(&by_key);
            for key in &wanted {
                if held(key).is_some_and(|slot| read.contains(&slot)) {
                    continue;
                }
                let other = if all_match {
                    None
                } else {
                    loader.fetch_key(&fetch, key).await.map_err(|error| error.of_verb(VERB))?
                };
                match other {
                    Some((slot, _)) => spelled_otherwise.push((key, slot)),
                    None if lock.is_none() => self.map.note_gone(def, key),
                    None => {}
                }
            }
        }
        let slots: Vec<Option<u32>> = keys
            .iter()
            .map(|key| {
                let otherwise = spelled_otherwise.iter().find(|(spelled, _)| *spelled == key).map(|(_, slot)| *slot);
                let known = held(key).filter(|slot| lock.is_none() || read.contains(slot));
                known.or(otherwise)
            })
            .collect();
        let found: Vec<u32> = slots.iter().flatten().copied().collect();
        let scope = if plan.is_empty() || self.satisfied(def, &found, plan) {
            Scope::default()
        } else {
            operation.loader().await?.fill(def, &found, plan).await.map_err(|error| error.of_verb(VERB))?
        };
        Ok((slots, scope))
    }
}
