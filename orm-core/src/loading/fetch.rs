//! Root queries: SELECTs whose rows are the objects that the program asked for.

use std::borrow::Cow;

use super::{
    Loader, Reread, Staged, Unflushed, column_error,
    joined::{Found, joins_of},
};
use crate::{
    collections::HashSet,
    database::{Cells, Statement},
    error::{Error, ErrorKind, Result},
    expr::{Node, OrderNode},
    identity::Scope,
    query::{
        Plan,
        sql::{self, Batch, GetShape, Layout, Lock, Shape},
    },
    schema::EntityDef,
    state::{Absorb, Brought, Mark},
    value::Value,
};

/// What a root query asks for.
#[derive(Clone, Debug)]
pub(crate) struct Fetch<'q> {
    pub(crate) def: &'static EntityDef,
    pub(crate) filter: Option<&'q Node>,
    pub(crate) order: &'q [OrderNode],
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    pub(crate) plan: &'q Plan,
    pub(crate) absorb: Absorb,
    pub(crate) unflushed: Unflushed,
    pub(crate) lock: Option<Lock>,
}

impl<'q> Fetch<'q> {
    /// Everything of an entity, with this plan.
    pub(crate) fn all(def: &'static EntityDef, plan: &'q Plan) -> Self {
        Self {
            def,
            filter: None,
            order: &[],
            limit: None,
            offset: None,
            plan,
            absorb: Absorb::Fill,
            unflushed: Unflushed::Discarded,
            lock: None,
        }
    }

    /// The same query with nothing to load beside it: what counts.
    pub(super) fn bare(&self) -> Self {
        static NOTHING: Plan = Plan { nodes: Vec::new(), columns: Vec::new() };
        Self { plan: &NOTHING, lock: None, ..self.clone() }
    }

    /// The statement as it is sent.
    pub(crate) fn statement(&self, dialect: sql::Dialect) -> Result<Statement> {
        let (sql, _) = sql::select(dialect, &self.select())?;
        Ok(Statement::new(sql.text, sql.values))
    }

    /// The statement before it has a text.
    pub(crate) fn select(&self) -> sql::Select<'q> {
        let mut select = sql::Select::all(self.def);
        if !self.plan.columns.is_empty() {
            select.columns = Cow::Owned([&select.columns[..], &self.plan.columns[..]].concat());
        }
        select.filters.extend(self.filter);
        select.order = Cow::Borrowed(self.order);
        select.limit = self.limit;
        select.offset = self.offset;
        select.lock = self.lock;
        select.joins = joins_of(self.def, self.plan);
        select
    }
}

impl Loader<'_> {
    /// Runs a root query and everything that its plan asks for. Gives the objects in the order of the query, each once.
    ///
    /// One statement, and one for each relationship that the plan loads by `selectin`.
    pub(crate) async fn fetch(&mut self, fetch: &Fetch<'_>) -> Result<(Vec<u32>, Scope)> {
        let (sql, layout) = sql::select(self.dialect(), &fetch.select())?;
        let roots = self.rows(fetch, vec![Batch { sql, rows: 0 }], &layout).await?;
        let scope = self.fill(fetch.def, &roots, fetch.plan).await?;
        Ok((roots, scope))
    }

    /// The object with this key, read from the database.
    pub(crate) async fn fetch_key(&mut self, fetch: &Fetch<'_>, key: &[Value]) -> Result<Option<(u32, Scope)>> {
        let plain = fetch.plan.columns.is_empty() && joins_of(fetch.def, fetch.plan).is_empty();
        let roots = if plain {
            let columns = sql::default_columns(fetch.def);
            let text = self.texts.text(Shape::Get(GetShape::new(fetch.def, &columns, fetch.lock)));
            let values = sql::key_values(self.dialect(), fetch.def, fetch.def.primary_key, key);
            let batch = Batch { sql: sql::Sql { text, values }, rows: 1 };
            let layout = Layout { columns, key_cells: Vec::new(), joins: Vec::new() };
            self.rows(fetch, vec![batch], &layout).await?
        } else {
            let keyed = sql::select_by_key(self.dialect(), &fetch.select(), fetch.def.primary_key, key)?;
            self.rows(fetch, keyed.batches, &keyed.layout).await?
        };
        let Some(root) = roots.first().copied() else { return Ok(None) };
        let scope = self.fill(fetch.def, &[root], fetch.plan).await?;
        Ok(Some((root, scope)))
    }

    /// The objects with these keys, read from the database; what the plan asks for beside the rows is not loaded yet.
    pub(crate) async fn fetch_keys(&mut self, fetch: &Fetch<'_>, keys: &[Vec<Value>]) -> Result<Vec<u32>> {
        match keys {
            [] => Ok(Vec::new()),
            [key] => Ok(self.fetch_key(fetch, key).await?.map(|(slot, _)| slot).into_iter().collect()),
            keys => {
                let keyed = sql::select_by_key(self.dialect(), &fetch.select(), fetch.def.primary_key, &keys.concat())?;
                self.rows(fetch, keyed.batches, &keyed.layout).await
            }
        }
    }

    /// Runs the statements of a root query and takes in their rows, joined ones too.
    async fn rows(&mut self, fetch: &Fetch<'_>, batches: Vec<Batch>, layout: &Layout) -> Result<Vec<u32>> {
        let epoch = self.map.epoch();
        let map = self.map;
        let store = map.store_of(fetch.def);
        let deferred = fetch.plan.columns.as_slice();
        let first_deferred = layout.columns.len() - deferred.len();
        let mut roots = Vec::new();
        let mut seen = HashSet::new();
        let mut found = Found::of(map, fetch.def, fetch.plan, &layout.joins);
        let mut staged = Staged::of(fetch.def).with(fetch.unflushed, fetch.lock);
        for batch in batches {
            let statement = Statement::new(batch.sql.text, batch.sql.values);
            let mut each = |cells: &Cells<'_>| -> Result<()> {
                let known = match fetch.absorb {
                    Absorb::Populate => store.find_row(cells, 0).map_err(|error| column_error(fetch.def, &error))?,
                    Absorb::Fill => None,
                };
                if let Some(slot) = known {
                    if seen.insert(slot) {
                        roots.push(slot);
                        staged.take(store, slot, &layout.columns, cells, 0)?;
                    }
                    return found.take(map, slot, cells, epoch);
                }
                let brought = Brought { columns: deferred, first: first_deferred };
                let slot = store
                    .absorb_with(cells, 0, brought, fetch.absorb, epoch)
                    .map_err(|error| column_error(fetch.def, &error))?
                    .ok_or_else(|| {
                        Error::new(ErrorKind::Decode, "a row without a primary key").with_entity(fetch.def.name)
                    })?;
                // A joined to-many repeats its owner.
                if layout.joins.is_empty() || seen.insert(slot) {
                    roots.push(slot);
                }
                if fetch.lock.is_some() {
                    store.set_mark(slot, Mark::Locked);
                }
                found.take(map, slot, cells, epoch)
            };
            self.connection.fetch(&statement, &mut each).await.map_err(|error| error.of_entity(fetch.def.name))?;
        }
        if !staged.is_empty() {
            let wanted: Vec<usize> =
                fetch.plan.nodes.iter().filter(|node| node.is_wanted()).map(|node| node.relation).collect();
            self.publish_staged(staged, &wanted, Reread::Columns).await?;
        }
        found.publish(map, fetch.def, epoch)?;
        Ok(roots)
    }
}
