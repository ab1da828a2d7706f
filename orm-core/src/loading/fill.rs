//! Makes a plan true of some objects: loads what is lacking, level by level, and promises it.

use std::{future::Future, pin::Pin, sync::Arc};

use super::{
    Loader, column_error,
    seen::{seen, settled},
    selectin::Lists,
};
use crate::{
    collections::IndexSet,
    database::{Cells, Statement},
    error::Result,
    identity::{IdentityMap, Scope},
    load::Shape,
    query::{NodeScope, Plan, PlanNode, Wanted, sql},
    schema::EntityDef,
    state::Targets,
    value::{ColumnError, Value},
};

type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

impl Loader<'_> {
    /// Loads what these objects lack of the plan, and promises it. Gives the lists of filtered hints.
    ///
    /// One statement for each relationship of the plan that some of the objects lack, none for one that all have.
    pub(crate) fn fill<'f>(
        &'f mut self,
        def: &'static EntityDef,
        owners: &'f [u32],
        plan: &'f Plan,
    ) -> BoxFuture<'f, Result<Scope>> {
        Box::pin(async move {
            let mut scope = Scope::default();
            if owners.is_empty() || plan.is_empty() {
                return Ok(scope);
            }
            self.fill_columns(def, owners, &plan.columns).await?;
            for node in &plan.nodes {
                match &node.scope {
                    NodeScope::Whole => self.fill_relation(def, owners, node, &mut scope).await?,
                    NodeScope::Decided { wanted: Wanted::Yes } => {
                        self.fill_relation(def, owners, node, &mut scope).await?
                    }
                    NodeScope::Decided { wanted: Wanted::No } => self.fill_known(def, owners, node, &mut scope).await?,
                    NodeScope::Filtered { .. } => self.fill_subset(def, owners, node, &mut scope).await?,
                }
            }
            Ok(scope)
        })
    }

    async fn fill_relation(
        &mut self,
        def: &'static EntityDef,
        owners: &[u32],
        node: &PlanNode,
        scope: &mut Scope,
    ) -> Result<()> {
        let map = self.map;
        let store = map.store_of(def);
        let epoch = map.epoch();
        let target = (def.relations[node.relation].target)();
        let shape = node.plan.shape();
        loop {
            let writes = map.writes();
            // Objects can lead back to one whose list is being filled further up: its members are known, and published there.
            let mut lists = self.under_way.lists(def, node.relation, owners);
            let none_under_way = lists.is_empty();
            let mut lacking = owners.to_vec();
            lacking
                .retain(|owner| lists.get(*owner).is_none() && !store.link(*owner, node.relation).is_loaded_in(epoch));
            if !lacking.is_empty() {
                lists.extend(self.selectin(def, &lacking, node).await?);
            }

            let seen = seen(map, &map.work(), def, node.relation, &lacking, &lists);
            let shown = seen.as_ref().unwrap_or(&lists);

            // What a reloaded list promised before holds for its new members too.
            let mut plan = node.plan.clone();
            for promise in lacking.iter().filter_map(|owner| store.link(*owner, node.relation).promise()) {
                plan.merge(Plan::of_shape(target, &promise));
            }
            // Only what is filled below can lead back here.
            if !plan.nodes.is_empty() {
                self.under_way.begin(def, node.relation, &lacking, shown);
            }
            let mut members = IndexSet::default();
            for owner in owners {
                match shown.get(*owner) {
                    // Rows that came just now are there; only what is loaded below them matters.
                    Some(_) if plan.is_empty() && none_under_way => {}
                    Some(found) => members.extend(found.iter().copied()),
                    None => members.extend(actual(map, def, *owner, node.relation)),
                }
            }
            let members: Vec<u32> = members.into_iter().collect();
            self.reload(target, &members).await?;
            let below = self.fill(target, &members, &plan).await?;

            let work = &mut *map.work();
            let ended: Vec<_> =
                lacking.iter().map(|owner| (*owner, self.under_way.end(def, node.relation, *owner))).collect();
            let written = map.writes() != writes;
            let seen = if written { self::seen(map, work, def, node.relation, &lacking, &lists) } else { seen };
            let shown = seen.as_ref().unwrap_or(&lists);
            if written && !self.all_hold(target, owners, def, node.relation, shown, &shape) {
                continue;
            }
            let settled = settled(map, work, def, node.relation, &lacking, &lists);
            let shown = settled.as_ref().unwrap_or(&lists);
            for (owner, promised) in ended {
                let link = store.link(owner, node.relation);
                if let Some(found) = shown.get(owner) {
                    link.load(as_targets(def, node.relation, found), epoch);
                }
                for shape in promised {
                    link.add_promise(&shape);
                }
            }
            for owner in owners {
                if !self.under_way.promise(def, node.relation, *owner, &shape) {
                    store.link(*owner, node.relation).add_promise(&shape);
                }
            }
            scope.put_below(node.relation, below);
            return Ok(());
        }
    }

    /// A relationship that the program does not want: where it is loaded all the same, its members hold what the type says; where
    /// it is not, whoever loads it sees to that.
    async fn fill_known(
        &mut self,
        def: &'static EntityDef,
        owners: &[u32],
        node: &PlanNode,
        scope: &mut Scope,
    ) -> Result<()> {
        let map = self.map;
        let store = map.store_of(def);
        let is_loaded = |owner: &u32| store.links(*owner).is_some_and(|links| links[node.relation].is_loaded());
        let shape = node.plan.shape();
        loop {
            let (known, unknown): (Vec<u32>, Vec<u32>) = owners.iter().partition(|owner| is_loaded(owner));
            if !known.is_empty() {
                self.fill_relation(def, &known, node, scope).await?;
            }
            if shape.is_bare() {
                return Ok(());
            }
            let _work = map.work();
            // A setter may have come between.
            if unknown.iter().any(is_loaded) {
                continue;
            }
            for owner in unknown {
                store.link(owner, node.relation).add_promise(&shape);
            }
            return Ok(());
        }
    }

    /// A filtered or limited hint: its lists belong to this query.
    async fn fill_subset(
        &mut self,
        def: &'static EntityDef,
        owners: &[u32],
        node: &PlanNode,
        scope: &mut Scope,
    ) -> Result<()> {
        let target = (def.relations[node.relation].target)();
        let lists = self.selectin(def, owners, node).await?;
        let members: IndexSet<u32> =
            owners.iter().flat_map(|owner| lists.get(*owner).into_iter().flatten().copied()).collect();
        let members: Vec<u32> = members.into_iter().collect();
        let below = self.fill(target, &members, &node.plan).await?;
        for owner in owners {
            scope.set(node.relation, *owner, lists.get(*owner).map(<[u32]>::to_vec).unwrap_or_default());
        }
        scope.put_below(node.relation, below);
        Ok(())
    }

    /// Deferred columns, one statement for all objects that lack one.
    async fn fill_columns(&mut self, def: &'static EntityDef, owners: &[u32], columns: &[usize]) -> Result<()> {
        if columns.is_empty() {
            return Ok(());
        }
        let map = self.map;
        let store = map.store_of(def);
        let lacking: Vec<u32> = owners
            .iter()
            .copied()
            .filter(|owner| columns.iter().any(|column| !store.is_column_loaded(*owner, *column)))
            .collect();
        let keys: Vec<Value> = lacking.iter().filter_map(|owner| store.key(*owner)).flatten().collect();
        let mut select = sql::Select::all(def);
        select.columns = [def.primary_key, columns].concat().into();
        let keyed = sql::select_by_key(self.dialect(), &select, def.primary_key, &keys)?;
        let width = def.primary_key.len();
        for batch in keyed.batches {
            let statement = Statement::new(batch.sql.text, batch.sql.values);
            let mut each = |cells: &Cells<'_>| -> Result<()> {
                let decode = |column: usize, at: usize| {
                    store
                        .decode_value(column, cells.raw(at))
                        .map_err(|error| column_error(def, &ColumnError { column, error }))
                };
                let key: Vec<Value> = def
                    .primary_key
                    .iter()
                    .enumerate()
                    .map(|(at, column)| decode(*column, at))
                    .collect::<Result<_>>()?;
                let values: Vec<(usize, Value)> = columns
                    .iter()
                    .enumerate()
                    .map(|(at, column)| Ok((*column, decode(*column, width + at)?)))
                    .collect::<Result<_>>()?;
                if let Ok(Some(slot)) = store.find(&key) {
                    store.absorb_columns(slot, &values).map_err(|error| column_error(def, &error))?;
                    store.note_altered(slot, map.epoch());
                }
                Ok(())
            };
            self.connection.fetch(&statement, &mut each).await.map_err(|error| error.of_entity(def.name))?;
        }
        Ok(())
    }

    /// Reads the rows of members that are known by key only.
    pub(super) async fn reload(&mut self, def: &'static EntityDef, members: &[u32]) -> Result<()> {
        let store = self.map.store_of(def);
        let expired = |slot: &u32| store.status(*slot) == crate::state::Status::Expired;
        let keys: Vec<Value> =
            members.iter().filter(|slot| expired(slot)).filter_map(|slot| store.key(*slot)).flatten().collect();
        if keys.is_empty() {
            Ok(())
        } else {
            self.fetch_many(def, def.primary_key, &keys, &Plan::default()).await.map(|_| ())
        }
    }

    pub(super) fn all_hold(
        &self,
        target: &'static EntityDef,
        owners: &[u32],
        def: &'static EntityDef,
        relation: usize,
        lists: &Lists,
        shape: &Shape,
    ) -> bool {
        owners.iter().all(|owner| {
            let members = lists.get(*owner).map_or_else(|| actual(self.map, def, *owner, relation), <[u32]>::to_vec);
            members.into_iter().all(|member| self.map.holds(IdentityMap::object(target, member), shape).is_ok())
        })
    }
}

/// The members that a loaded relationship has now.
fn actual(map: &IdentityMap, def: &'static EntityDef, owner: u32, relation: usize) -> Vec<u32> {
    map.store_of(def).link(owner, relation).targets().map(|targets| targets.as_slice().to_vec()).unwrap_or_default()
}

pub(super) fn as_targets(def: &'static EntityDef, relation: usize, found: &[u32]) -> Targets {
    if def.relations[relation].kind.is_many() {
        Targets::Many(Arc::new(found.to_vec()))
    } else {
        Targets::One(found.first().copied())
    }
}
