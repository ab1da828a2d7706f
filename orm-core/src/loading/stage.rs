//! Rows that are read anew for objects with live handles: kept aside until everything that was promised is there, then
//! published in one step. Cut off before that, nothing has changed.

use super::{
    Loader, column_error,
    fill::as_targets,
    seen::settled,
    selectin::{Lists, values},
};
use crate::{
    collections::{IndexMap, IndexSet},
    database::{Cells, Statement},
    error::{Error, ErrorKind, Result},
    identity::{IdentityMap, Work, key_columns},
    query::{
        NodeScope, Plan, PlanNode, Strategy,
        sql::{self, GetShape, Lock, Shape, key_order},
    },
    schema::{EntityDef, RelationKind},
    state::{AnyStore, Mark, Status},
    value::{ColumnError, Value, is_null},
};

/// What becomes of the unflushed changes of an object whose row is read anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Unflushed {
    #[default]
    Discarded,
    /// They stay where the row is as it was when it was seen: nothing that they were made of has changed.
    KeptWhereSame,
}

/// New values for columns of objects of one entity.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    def: Option<&'static EntityDef>,
    unflushed: Unflushed,
    locked: bool,
    rows: IndexMap<u32, Vec<(usize, Value)>>,
}

/// Which relationships are read again with the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reread {
    /// Whatever a handle was promised.
    Promised,
    /// To-ones whose foreign key is another now.
    Columns,
}

impl Staged {
    pub(super) fn of(def: &'static EntityDef) -> Self {
        Self { def: Some(def), ..Self::default() }
    }

    /// The same, of rows that were read under this lock.
    pub(super) fn with(self, unflushed: Unflushed, lock: Option<Lock>) -> Self {
        Self { unflushed, locked: lock.is_some(), ..self }
    }

    /// Nothing new of these objects but what comes with their relationships.
    pub(crate) fn unread(def: &'static EntityDef, slots: &[u32]) -> Self {
        Self { rows: slots.iter().map(|slot| (*slot, Vec::new())).collect(), ..Self::of(def) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes one row whose columns begin at `first`.
    pub(super) fn take(
        &mut self,
        store: &dyn AnyStore,
        slot: u32,
        columns: &[usize],
        cells: &Cells<'_>,
        first: usize,
    ) -> Result<()> {
        let values = columns.iter().enumerate().map(|(at, column)| {
            let value = store.decode_value(*column, cells.raw(first + at));
            value
                .map(|value| (*column, value))
                .map_err(|error| column_error(store.def(), &ColumnError { column: *column, error }))
        });
        self.rows.insert(slot, values.collect::<Result<_>>()?);
        Ok(())
    }

    fn value(&self, slot: u32, column: usize) -> Option<&Value> {
        self.rows.get(&slot)?.iter().find(|(at, _)| *at == column).map(|(_, value)| value)
    }

    /// The values of some columns of an object as they will be; `None` when one of them is NULL or unknown.
    pub(super) fn values(&self, store: &dyn AnyStore, slot: u32, columns: &[usize]) -> Option<Vec<Value>> {
        if self.def.is_none_or(|def| !std::ptr::eq(def, store.def())) {
            return values(store, slot, columns);
        }
        let value = |column: &usize| self.value(slot, *column).cloned().or_else(|| store.value(slot, *column));
        columns.iter().map(|column| value(column).filter(|value| !is_null(value))).collect()
    }

    /// Whether these columns of an object have in the database the values that the program sees.
    pub(super) fn are_in_database(&self, store: &dyn AnyStore, slot: u32, columns: &[usize]) -> bool {
        let staged = |column: &usize| {
            self.def.is_some_and(|def| std::ptr::eq(def, store.def())) && self.value(slot, *column).is_some()
        };
        let unchanged = |column: &usize| {
            store.base_value(slot, *column).is_some_and(|base| store.value(slot, *column) == Some(base))
        };
        columns.iter().all(|column| staged(column) || unchanged(column))
    }
}

/// A relationship that was read again: of whom, what was found, and what is promised about it.
struct Reloaded {
    relation: usize,
    owners: Vec<u32>,
    lists: Lists,
    plan: Plan,
}

impl Loader<'_> {
    /// Reads columns of objects anew, kept aside. One statement.
    pub(crate) async fn stage(
        &mut self,
        def: &'static EntityDef,
        slots: &[u32],
        columns: &[usize],
        lock: Option<Lock>,
    ) -> Result<Staged> {
        let map = self.map;
        let store = map.store_of(def);
        let mut staged = Staged::of(def).with(Unflushed::Discarded, lock);
        let keys: Vec<Value> = slots.iter().filter_map(|slot| store.key(*slot)).flatten().collect();
        if let [slot] = slots {
            let text = self.texts.text(Shape::Get(GetShape::new(def, columns, lock)));
            let mut each = |cells: &Cells<'_>| staged.take(store, *slot, columns, cells, 0);
            let statement = Statement::new(text, keys);
            self.connection.fetch(&statement, &mut each).await.map_err(|error| error.of_entity(def.name))?;
        } else {
            let mut select = sql::Select::all(def);
            select.columns = [def.primary_key, columns].concat().into();
            select.lock = lock;
            if lock.is_some() {
                // Whoever locks the same rows waits for the first of them.
                select.order = key_order(def).into();
            }
            let keyed = sql::select_by_key(self.dialect(), &select, def.primary_key, &keys)?;
            let width = def.primary_key.len();
            for batch in keyed.batches {
                let mut each = |cells: &Cells<'_>| -> Result<()> {
                    let key = def.primary_key.iter().enumerate().map(|(at, column)| {
                        let value = store.decode_value(*column, cells.raw(at));
                        value.map_err(|error| column_error(def, &ColumnError { column: *column, error }))
                    });
                    match store.find(&key.collect::<Result<Vec<Value>>>()?) {
                        Ok(Some(slot)) => staged.take(store, slot, columns, cells, width),
                        _ => Ok(()),
                    }
                };
                let statement = Statement::new(batch.sql.text, batch.sql.values);
                self.connection.fetch(&statement, &mut each).await.map_err(|error| error.of_entity(def.name))?;
            }
        }
        match slots.iter().find(|slot| !staged.rows.contains_key(*slot)) {
            None => Ok(staged),
            Some(gone) => Err(Error::new(
                ErrorKind::ObjectDeleted,
                "the row is gone: someone deleted it. Handles show what was read before; let go of them and ask again with `get`",
            )
            .with_entity(def.name)
            .with_key(store.print_key(*gone))),
        }
    }

    /// Publishes rows that were kept aside, after loading what was promised about the objects and what is wanted besides.
    ///
    /// One statement for each relationship that is read again.
    pub(crate) async fn publish_staged(&mut self, staged: Staged, wanted: &[usize], reread: Reread) -> Result<()> {
        let Some(def) = staged.def else { return Ok(()) };
        self.staged = staged;
        let result = self.publish_now(def, wanted, reread).await;
        self.staged = Staged::default();
        result
    }

    async fn publish_now(&mut self, def: &'static EntityDef, wanted: &[usize], reread: Reread) -> Result<()> {
        let map = self.map;
        let store = map.store_of(def);
        if self.staged.locked {
            self.staged.rows.keys().for_each(|slot| store.set_mark(*slot, Mark::Locked));
        }
        let slots: Vec<u32> = {
            let work = map.work();
            let kept = |slot: &u32| self.keeps_changes(&work, store, *slot);
            self.staged.rows.keys().copied().filter(|slot| !kept(slot)).collect()
        };
        loop {
            let writes = map.writes();
            let mut reloaded = Vec::new();
            for relation in 0..def.relations.len() {
                let owners: Vec<u32> = slots
                    .iter()
                    .copied()
                    .filter(|slot| wanted.contains(&relation) || self.is_reread(store, *slot, relation, reread))
                    .collect();
                if !owners.is_empty() {
                    reloaded.push(self.reread(def, relation, owners).await?);
                }
            }
            let mut work = map.work();
            let all_hold = |Reloaded { relation, owners, lists, plan }: &Reloaded| {
                let target = (def.relations[*relation].target)();
                self.all_hold(target, owners, def, *relation, lists, &plan.shape())
            };
            if map.writes() != writes && !reloaded.iter().all(all_hold) {
                continue;
            }
            for (slot, values) in &self.staged.rows {
                if self.keeps_changes(&work, store, *slot) {
                    continue;
                }
                let object = IdentityMap::object(def, *slot);
                let columns: Vec<usize> = values.iter().map(|(column, _)| *column).collect();
                let mut sides = map.sides_of_changes(object, &columns);
                sides.extend(map.sides_of_taking(&work, object, &columns));
                for &(owner, relation) in &sides {
                    map.store_at(owner).link(owner.slot, relation).make_past();
                }
                for (at, relation) in def.relations.iter().enumerate() {
                    if let Some(link) = store.links(*slot).map(|links| &links[at]) {
                        if self.has_moved(store, *slot, at) {
                            link.unload_unseen();
                        } else if reread == Reread::Promised {
                            link.make_past();
                        }
                    }
                    if relation.kind == RelationKind::BelongsTo
                        && key_columns(def, relation).iter().any(|column| columns.contains(column))
                    {
                        map.take_back_parent(&mut work, object, relation);
                    }
                }
                if values.is_empty() {
                    continue;
                }
                store.overwrite(*slot, values, map.epoch()).map_err(|error| column_error(def, &error))?;
                sides.into_iter().for_each(|side| map.list_again(&work, object, side));
            }
            for Reloaded { relation, owners, lists, plan } in &reloaded {
                let shape = plan.shape();
                let target = (def.relations[*relation].target)();
                let settled = settled(map, &mut work, def, *relation, owners, lists);
                for owner in owners {
                    let link = store.link(*owner, *relation);
                    if let Some(found) = settled.as_ref().unwrap_or(lists).get(*owner) {
                        // Who came since and lacks what was promised stays out until it is loaded.
                        let read = lists.get(*owner).unwrap_or_default();
                        let mut found = found.to_vec();
                        found.retain(|slot| {
                            read.contains(slot) || map.holds(IdentityMap::object(target, *slot), &shape).is_ok()
                        });
                        link.load(as_targets(def, *relation, &found), map.epoch());
                    }
                    link.add_promise(&shape);
                }
            }
            return Ok(());
        }
    }

    /// Reads a relationship again, and all that is promised about its members.
    async fn reread(&mut self, def: &'static EntityDef, relation: usize, owners: Vec<u32>) -> Result<Reloaded> {
        let store = self.map.store_of(def);
        let target = (def.relations[relation].target)();
        let mut plan = Plan::default();
        for promise in owners.iter().filter_map(|owner| store.link(*owner, relation).promise()) {
            plan.merge(Plan::of_shape(target, &promise));
        }
        let node = PlanNode { relation, strategy: Strategy::SelectIn, scope: NodeScope::Whole, plan };
        let lists = self.selectin(def, &owners, &node).await?;
        let members: IndexSet<u32> =
            owners.iter().flat_map(|owner| lists.get(*owner).into_iter().flatten().copied()).collect();
        let members: Vec<u32> = members.into_iter().collect();
        self.reload(target, &members).await?;
        self.fill(target, &members, &node.plan).await?;
        Ok(Reloaded { relation, owners, lists, plan: node.plan })
    }

    /// Whether the unflushed changes of an object stay: nobody changed the row that they were made of.
    fn keeps_changes(&self, work: &Work, store: &dyn AnyStore, slot: u32) -> bool {
        self.staged.unflushed == Unflushed::KeptWhereSame
            && (store.changes(slot).is_some() || work.follows.contains_key(&IdentityMap::object(store.def(), slot)))
            && self.staged.rows.get(&slot).is_some_and(|values| store.agrees(slot, values))
    }

    fn is_reread(&self, store: &dyn AnyStore, slot: u32, relation: usize, reread: Reread) -> bool {
        let promised = store.links(slot).is_some_and(|links| links[relation].promise().is_some());
        promised
            && store.status(slot) == Status::Persistent
            && store.link(slot, relation).is_loaded()
            && (reread == Reread::Promised || self.has_moved(store, slot, relation))
    }

    /// Whether a to-one refers to another row than the object shows.
    fn has_moved(&self, store: &dyn AnyStore, slot: u32, relation: usize) -> bool {
        let def = store.def();
        let declared = &def.relations[relation];
        declared.kind == RelationKind::BelongsTo
            && key_columns(def, declared).into_iter().any(|column| {
                self.staged.value(slot, column).is_some_and(|new| store.value(slot, column).as_ref() != Some(new))
            })
    }
}
