//! Running queries: handles that live as long as the session is borrowed.

use super::{Session, hold_back::HoldBack};
use crate::{
    database::Statement,
    entity::Entity,
    error::{Error, ErrorKind, Result},
    handle::{Persistent, Src},
    identity::Scope,
    loading::{Fetch, Unflushed, count_statement, exists_statement, fetch_count},
    query::{Existing, Select, SelectParts},
    state::Absorb,
};

/// The untyped form of a query, as a root query.
pub(super) fn fetch_of<E: Entity, L>(query: &Select<E, L>) -> Fetch<'_> {
    let SelectParts { filter, order, limit, offset, plan, existing, lock } = &query.parts;
    Fetch {
        def: E::DEF,
        filter: filter.as_ref(),
        order,
        limit: *limit,
        offset: *offset,
        plan,
        absorb: match (existing, lock) {
            (Existing::Keep, None) => Absorb::Fill,
            (Existing::Populate, _) | (_, Some(_)) => Absorb::Populate,
        },
        unflushed: match (existing, lock) {
            (Existing::Keep, Some(_)) => Unflushed::KeptWhereSame,
            _ => Unflushed::Discarded,
        },
        lock: *lock,
    }
}

/// Exactly one, of at most two that were asked for.
pub(super) fn exactly_one<T>(mut found: Vec<T>, entity: &'static str, verb: &'static str) -> Result<Option<T>> {
    if found.len() > 1 {
        return Err(Error::new(
            ErrorKind::MultipleRows,
            "more than one row matches; `first` takes the first of several",
        )
        .with_entity(entity)
        .with_verb(verb));
    }
    Ok(found.pop())
}

pub(super) fn not_found(entity: &'static str, verb: &'static str) -> Error {
    Error::new(ErrorKind::NotFound, "no row matches; `one_or_none` gives an Option").with_entity(entity).with_verb(verb)
}

impl Session {
    /// All objects that match, in the query's order, each once.
    ///
    /// One statement and one for each relationship that the query loads by `selectin`; before it an autoflush if there is
    /// anything to flush. Objects that the session holds are not overwritten.
    ///
    /// # Errors
    /// What the database refused; a cell that is not a value of its column; [`ErrorKind::MissingTarget`].
    pub async fn all<E: Entity, L: 'static>(&self, query: &Select<E, L>) -> Result<Vec<Persistent<'_, E, L>>> {
        let (slots, scope) = self.run(&fetch_of(query), "all").await?;
        let scope = self.keep(scope);
        let store = self.map.store::<E>();
        Ok(slots
            .into_iter()
            .map(|slot| Persistent::new(Src { map: &self.map, slot: store.slot(slot), scope }))
            .collect())
    }

    /// The first object that matches, `None` when none does. Costs what [`all`](Self::all) costs, with a limit of one.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn first<E: Entity, L: 'static>(&self, query: &Select<E, L>) -> Result<Option<Persistent<'_, E, L>>> {
        Ok(self.some(query, 1, "first").await?.into_iter().next())
    }

    /// The one object that matches. Costs what [`all`](Self::all) costs.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when none matches, [`ErrorKind::MultipleRows`] when several do; as [`all`](Self::all).
    pub async fn one<E: Entity, L: 'static>(&self, query: &Select<E, L>) -> Result<Persistent<'_, E, L>> {
        exactly_one(self.some(query, 2, "one").await?, E::DEF.name, "one")?.ok_or_else(|| not_found(E::DEF.name, "one"))
    }

    /// The one object that matches, `None` when none does. Costs what [`all`](Self::all) costs.
    ///
    /// # Errors
    /// [`ErrorKind::MultipleRows`] when several match; as [`all`](Self::all).
    pub async fn one_or_none<E: Entity, L: 'static>(
        &self,
        query: &Select<E, L>,
    ) -> Result<Option<Persistent<'_, E, L>>> {
        exactly_one(self.some(query, 2, "one_or_none").await?, E::DEF.name, "one_or_none")
    }

    /// How many rows match, limit and offset counted in. One statement, after an autoflush.
    ///
    /// # Errors
    /// What the database refused.
    pub async fn count<E: Entity, L: 'static>(&self, query: &Select<E, L>) -> Result<u64> {
        let statement = count_statement(self.database.texts().dialect(), &fetch_of(query))?;
        self.number(&statement, "count").await.map_err(|error| error.of_entity(E::DEF.name))
    }

    /// Whether any row matches. One statement, after an autoflush.
    ///
    /// # Errors
    /// What the database refused.
    pub async fn exists<E: Entity, L: 'static>(&self, query: &Select<E, L>) -> Result<bool> {
        let statement = exists_statement(self.database.texts().dialect(), &fetch_of(query))?;
        let found = self.number(&statement, "exists").await.map_err(|error| error.of_entity(E::DEF.name))?;
        Ok(found > 0)
    }

    async fn some<E: Entity, L: 'static>(
        &self,
        query: &Select<E, L>,
        most: u64,
        verb: &'static str,
    ) -> Result<Vec<Persistent<'_, E, L>>> {
        let mut fetch = fetch_of(query);
        fetch.limit = Some(fetch.limit.map_or(most, |limit| limit.min(most)));
        let (slots, scope) = self.run(&fetch, verb).await?;
        let scope = self.keep(scope);
        Ok(slots.into_iter().map(|slot| Persistent::new(Src::new(&self.map, slot, scope))).collect())
    }

    async fn run(&self, fetch: &Fetch<'_>, verb: &'static str) -> Result<(Vec<u32>, Scope)> {
        self.check_lock(fetch.lock).map_err(|error| error.with_entity(fetch.def.name).with_verb(verb))?;
        let mut operation = self.operation(verb).await?;
        operation.begin_for(fetch.lock);
        match fetch.unflushed {
            Unflushed::Discarded => operation.autoflush().await?,
            Unflushed::KeptWhereSame => {
                let _held_back = HoldBack::before_lock(&self.map, fetch.def);
                operation.autoflush().await?;
            }
        }
        operation.loader().await?.fetch(fetch).await.map_err(|error| error.of_verb(verb))
    }

    /// The answer of a statement whose one cell is a number, after an autoflush.
    async fn number(&self, statement: &Statement, verb: &'static str) -> Result<u64> {
        let mut operation = self.operation(verb).await?;
        operation.autoflush().await?;
        fetch_count(operation.connection().await?, statement).await.map_err(|error| error.of_verb(verb))
    }
}
