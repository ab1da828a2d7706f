//! Reads without a session: a database gives detached values.

use std::sync::Arc;

use super::query::{exactly_one, fetch_of, not_found};
use crate::{
    database::{Cells, Database, Statement},
    entity::Entity,
    error::{Error, ErrorKind, Result},
    handle::{Detached, Detacher, OwnedRow, Persistent, Src},
    identity::{IdentityMap, Scope},
    load::Load,
    loading::{Fetch, Loader, column_error, count_statement, exists_statement, fetch_count},
    query::Select,
};

impl Database {
    /// All objects that match, detached. One statement and one for each relationship loaded by `selectin`, all on one connection.
    ///
    /// # Errors
    /// What the database refused; a cell that is not a value of its column;
    /// [`ErrorKind::MissingTarget`].
    pub async fn all<E: Entity, L: Load<E>>(&self, query: &Select<E, L>) -> Result<Vec<Detached<E, L>>> {
        self.detached(fetch_of(query), "all").await
    }

    /// The first object that matches, `None` when none does.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn first<E: Entity, L: Load<E>>(&self, query: &Select<E, L>) -> Result<Option<Detached<E, L>>> {
        Ok(self.detached(limited(query, 1), "first").await?.into_iter().next())
    }

    /// The one object that matches.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when none matches,
    /// [`ErrorKind::MultipleRows`] when several do; as [`all`](Self::all).
    pub async fn one<E: Entity, L: Load<E>>(&self, query: &Select<E, L>) -> Result<Detached<E, L>> {
        let found = self.detached(limited(query, 2), "one").await?;
        exactly_one(found, E::DEF.name, "one")?.ok_or_else(|| not_found(E::DEF.name, "one"))
    }

    /// The one object that matches, `None` when none does.
    ///
    /// # Errors
    /// [`ErrorKind::MultipleRows`] when several match; as [`all`](Self::all).
    pub async fn one_or_none<E: Entity, L: Load<E>>(&self, query: &Select<E, L>) -> Result<Option<Detached<E, L>>> {
        exactly_one(self.detached(limited(query, 2), "one_or_none").await?, E::DEF.name, "one_or_none")
    }

    /// How many rows match, limit and offset counted in. One statement.
    ///
    /// # Errors
    /// What the database refused.
    pub async fn count<E: Entity, L>(&self, query: &Select<E, L>) -> Result<u64> {
        let statement = count_statement(self.texts().dialect(), &fetch_of(query))?;
        self.number(&statement, "count").await.map_err(|error| error.of_entity(E::DEF.name))
    }

    /// Whether any row matches. One statement.
    ///
    /// # Errors
    /// What the database refused.
    pub async fn exists<E: Entity, L>(&self, query: &Select<E, L>) -> Result<bool> {
        let statement = exists_statement(self.texts().dialect(), &fetch_of(query))?;
        let found = self.number(&statement, "exists").await.map_err(|error| error.of_entity(E::DEF.name))?;
        Ok(found > 0)
    }

    async fn number(&self, statement: &Statement, verb: &'static str) -> Result<u64> {
        let count = async { fetch_count(&mut self.acquire().await?, statement).await };
        count.await.map_err(|error| error.of_verb(verb))
    }

    async fn detached<E: Entity, L: Load<E>>(
        &self,
        fetch: Fetch<'_>,
        verb: &'static str,
    ) -> Result<Vec<Detached<E, L>>> {
        if fetch.lock.is_some() {
            return Err(Error::new(
                ErrorKind::State,
                "without a session a lock ends with the statement: query through `db.session()` or `db.transaction(..)`",
            )
            .with_entity(E::DEF.name)
            .with_verb(verb));
        }
        let found = if fetch.plan.is_empty() { self.rows(&fetch).await } else { self.graphs(&fetch).await };
        found.map_err(|error| error.of_verb(verb))
    }

    async fn graphs<E: Entity, L: Load<E>>(&self, fetch: &Fetch<'_>) -> Result<Vec<Detached<E, L>>> {
        let map = IdentityMap::new();
        let mut connection = self.acquire().await?;
        let (slots, scope) = Loader::new(&map, &mut connection, self.texts()).fetch(fetch).await?;
        drop(connection);
        Ok(hand_out(&map, &slots, &scope))
    }
}

impl Database {
    /// A query that loads nothing beside its rows needs no identity map: each row becomes a value as it arrives.
    async fn rows<E: Entity, L: Load<E>>(&self, fetch: &Fetch<'_>) -> Result<Vec<Detached<E, L>>> {
        let statement = fetch.statement(self.texts().dialect())?;
        let mut found = Vec::new();
        let mut each = |cells: &Cells<'_>| -> Result<()> {
            let row = E::decode(cells, 0).map_err(|error| column_error(E::DEF, &error))?;
            match L::of_row(OwnedRow::new(Arc::new(row))) {
                Some(owned) => found.push(Detached::from_owned(owned)),
                None => unreachable!("orm bug: a query of {} whose plan is not what its type says", E::DEF.name),
            }
            Ok(())
        };
        self.acquire().await?.fetch(&statement, &mut each).await.map_err(|error| error.of_entity(E::DEF.name))?;
        Ok(found)
    }
}

/// The detached form of what a loader found.
pub(super) fn hand_out<E: Entity, L: Load<E>>(map: &IdentityMap, slots: &[u32], scope: &Scope) -> Vec<Detached<E, L>> {
    let store = map.store::<E>();
    let mut detacher = Detacher::default();
    let handle = |slot: &u32| Persistent::<E, L>::new(Src { map, slot: store.slot(*slot), scope: Some(scope) });
    slots.iter().map(|slot| detacher.detach(handle(slot))).collect()
}

fn limited<E: Entity, L>(query: &Select<E, L>, most: u64) -> Fetch<'_> {
    let mut fetch = fetch_of(query);
    fetch.limit = Some(fetch.limit.map_or(most, |limit| limit.min(most)));
    fetch
}
