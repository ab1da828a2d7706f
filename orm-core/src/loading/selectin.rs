//! The second statement of a `selectin` hint: the members of a relationship of many owners, by key.

use std::borrow::Cow;

use super::{
    Loader,
    asked::{Asked, not_asked},
    column_error,
    joined::{Found, joins_of},
};
use crate::{
    collections::{HashMap, HashSet},
    database::{Cells, Statement},
    error::{Error, ErrorKind, Result},
    identity::IdentityMap,
    query::{
        NodeScope, Plan, PlanNode, Strategy,
        sql::{self, RelationKeys, relation_keys},
    },
    schema::{EntityDef, RelationDef, RelationKind, SqlType},
    state::{Absorb, AnyStore, Brought},
    value::{ColumnError, ComparableKey, Value, is_null, only_the_database_compares_any},
};

/// The members found for each owner that was asked about.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists(HashMap<u32, Vec<u32>>);

impl Lists {
    /// What was found for an owner; `None` when it was not asked about.
    pub(super) fn get(&self, owner: u32) -> Option<&[u32]> {
        self.0.get(&owner).map(Vec::as_slice)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert(&mut self, owner: u32, members: Vec<u32>) {
        self.0.insert(owner, members);
    }

    /// These, and those of other owners.
    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }
}

impl Loader<'_> {
    /// Finds the members of a relationship for these owners: one statement, or none when no owner has a key to look for.
    pub(super) async fn selectin(&mut self, def: &'static EntityDef, owners: &[u32], node: &PlanNode) -> Result<Lists> {
        match (def.relations[node.relation].kind, &node.scope) {
            (RelationKind::BelongsTo, NodeScope::Whole | NodeScope::Decided { .. }) => {
                self.select_parents(def, owners, node).await
            }
            _ => self.select_members(def, owners, node).await,
        }
    }

    /// Many-to-one: the distinct targets that are not in the map yet.
    ///
    /// One statement, and one more for owners whose text key names no target as it is spelled: there the database looks for the target.
    async fn select_parents(&mut self, def: &'static EntityDef, owners: &[u32], node: &PlanNode) -> Result<Lists> {
        let relation = &def.relations[node.relation];
        let target = (relation.target)();
        let keys = relation_keys(def, relation);
        let (store, targets) = (self.map.store_of(def), self.map.store_of(target));
        let by_primary_key = keys.target == target.primary_key;
        let held = |key: &[Value]| -> Result<Option<u32>> {
            if !by_primary_key {
                return Ok(None);
            }
            let slot = targets.find(key);
            let slot = slot.map_err(|error| column_error(target, &ColumnError { column: keys.target[0], error }))?;
            Ok(slot.filter(|slot| targets.status(*slot) == crate::state::Status::Persistent))
        };
        let mut wanted = Vec::new();
        let mut asked = HashSet::new();
        for owner in owners {
            let Some(key) = self.staged.values(store, *owner, &keys.owner) else { continue };
            if held(&key)?.is_none() && ComparableKey::of(&key).is_some_and(|key| asked.insert(key)) {
                wanted.extend(key);
            }
        }
        let compared_there = only_the_database_compares_any(target, &keys.target);
        let (found, strangers) = match wanted.is_empty() {
            true => Default::default(),
            false => self.fetch_rows(target, &keys.target, &wanted, &node.plan).await?,
        };
        if let Some((key, _)) = strangers.first().filter(|_| !compared_there) {
            return Err(not_asked(target, key, wanted.chunks(keys.target.len().max(1))));
        }
        let mut lists = Lists::default();
        let mut unplaced = Vec::new();
        for owner in owners {
            let Some(key) = self.staged.values(store, *owner, &keys.owner) else {
                lists.insert(*owner, Vec::new());
                continue;
            };
            let member = match ComparableKey::of(&key).and_then(|key| found.get(&key).copied()) {
                Some(slot) => Some(slot),
                None => held(&key)?,
            };
            if member.is_none() && self.staged.are_in_database(store, *owner, &keys.owner) {
                unplaced.push(*owner);
            }
            lists.insert(*owner, member.into_iter().collect());
        }
        if !unplaced.is_empty() && compared_there {
            lists.extend(self.select_members(def, &unplaced, node).await?);
        }
        for owner in owners {
            let member = lists.get(*owner).and_then(<[u32]>::first).copied();
            check_target(self.map, def, *owner, node.relation, member)?;
        }
        Ok(lists)
    }

    /// Every other kind: the rows that refer to the owners, or are paired with them.
    async fn select_members(&mut self, def: &'static EntityDef, owners: &[u32], node: &PlanNode) -> Result<Lists> {
        let map = self.map;
        let relation = &def.relations[node.relation];
        let target = (relation.target)();
        let RelationKeys { owner: owner_columns, target: target_columns } = relation_keys(def, relation);
        let (store, targets) = (map.store_of(def), map.store_of(target));
        let epoch = map.epoch();

        let mut lists = Lists::default();
        let mut having = Vec::with_capacity(owners.len());
        for owner in owners {
            match self.staged.values(store, *owner, &owner_columns) {
                Some(key) => having.push((*owner, key)),
                None => lists.insert(*owner, Vec::new()),
            }
        }
        let asked = Asked::of(self, def, relation, &owner_columns, having);
        if asked.is_empty() {
            return Ok(lists);
        }
        let mut found: Vec<Vec<u32>> = vec![Vec::new(); asked.len()];
        let mut select = sql::Select::all(target);
        let first_deferred = select.columns.len();
        if !node.plan.columns.is_empty() {
            select.columns = Cow::Owned([&select.columns[..], &node.plan.columns[..]].concat());
        }
        if let NodeScope::Filtered { filter, order, limit } = &node.scope {
            select.filters.extend(filter);
            select.order = Cow::Borrowed(order);
            select.limit = *limit;
        }
        let joined_plan = without_owners(&node.plan, def, target, &target_columns);
        select.joins = joins_of(target, &joined_plan);
        let sorted_by = sorted_by(relation, &select);
        let keyed = asked.statements(self.dialect(), &select, sorted_by)?;
        let key_cells = keyed.layout.key_cells;
        let key = asked.key_columns((store, &owner_columns), (targets, &target_columns));
        let mut joined = Found::of(map, target, &joined_plan, &keyed.layout.joins);
        let repeats =
            !select.joins.is_empty() || relation.kind == RelationKind::ManyToMany && !node.plan.nodes.is_empty();
        let mut seen = HashSet::new();
        for batch in keyed.batches {
            let statement = Statement::new(batch.sql.text, batch.sql.values);
            let mut each = |cells: &Cells<'_>| -> Result<()> {
                let place = asked.place(cells, &key, &key_cells)?;
                let brought = Brought { columns: &node.plan.columns, first: first_deferred };
                let slot = targets.absorb_with(cells, 0, brought, Absorb::Fill, epoch);
                let Some(slot) = slot.map_err(|error| column_error(target, &error))? else { return Ok(()) };
                // A joined to-many below repeats the member, and so may pairs.
                if !repeats || seen.insert((place, slot)) {
                    found[place].push(slot);
                }
                joined.take(map, slot, cells, epoch)
            };
            self.connection.fetch(&statement, &mut each).await.map_err(|error| error.of_entity(target.name))?;
        }
        joined.publish(map, target, epoch)?;
        for (owners, mut members) in asked.into_owners().zip(found) {
            if let Some(key) = sorted_by {
                let place = |member: &u32| targets.base_value(*member, key).and_then(|key| ComparableKey::of([&key]));
                if !members.is_sorted_by_key(place) {
                    members.sort_by_cached_key(place);
                }
            }
            hand_out(owners, members, &mut lists);
        }
        Ok(lists)
    }
}

/// Owners with the same key have the same members.
fn hand_out(owners: Vec<u32>, members: Vec<u32>, lists: &mut Lists) {
    if let Some((last, others)) = owners.split_last() {
        others.iter().for_each(|owner| lists.insert(*owner, members.clone()));
        lists.insert(*last, members);
    }
}

/// The column by which a collection is sorted here: its members by an integer key. They mostly come so from an index, where a database
/// that is asked for an order sorts the members of all owners in one.
fn sorted_by(relation: &'static RelationDef, select: &sql::Select<'_>) -> Option<usize> {
    let plain = relation.order_by.is_empty()
        && relation.kind.is_many()
        && select.order.is_empty()
        && select.joins.is_empty()
        && !select.is_limited();
    let [key] = select.def.primary_key else { return None };
    let integer = matches!(select.def.columns[*key].sql_type, SqlType::SmallInt | SqlType::Integer | SqlType::BigInt);
    (plain && integer).then_some(*key)
}

/// The plan of members that were found by these columns, where what they refer to by the same columns is not joined: those are
/// the owners, which are there.
fn without_owners<'p>(
    plan: &'p Plan,
    owner: &'static EntityDef,
    def: &'static EntityDef,
    columns: &[usize],
) -> Cow<'p, Plan> {
    let is_owner = |node: &PlanNode| {
        let relation = &def.relations[node.relation];
        relation.kind == RelationKind::BelongsTo
            && std::ptr::eq((relation.target)(), owner)
            && node.plan.is_empty()
            && relation_keys(def, relation).owner == columns
    };
    let mut plan = Cow::Borrowed(plan);
    if plan.nodes.iter().any(is_owner) {
        for node in plan.to_mut().nodes.iter_mut().filter(|node| is_owner(node)) {
            node.strategy = Strategy::SelectIn;
        }
    }
    plan
}

/// The values of some columns of an object; `None` when one of them is NULL or unknown.
pub(super) fn values(store: &dyn AnyStore, slot: u32, columns: &[usize]) -> Option<Vec<Value>> {
    columns.iter().map(|column| store.value(slot, *column).filter(|value| !is_null(value))).collect()
}

/// A required to-one without a target is an error, never a missing row.
pub(super) fn check_target(
    map: &IdentityMap,
    def: &'static EntityDef,
    owner: u32,
    relation: usize,
    target: Option<u32>,
) -> Result<()> {
    let declared = &def.relations[relation];
    if target.is_some() || declared.optional || declared.kind != RelationKind::BelongsTo {
        return Ok(());
    }
    let store = map.store_of(def);
    let key = values(store, owner, &relation_keys(def, declared).owner).unwrap_or_default();
    Err(Error::new(
        ErrorKind::MissingTarget,
        format!(
            "{}[{}] is not in the database, and the relationship is required; where no constraint holds, declare it \
             `#[orm(unenforced)]`, which makes it an `Option`",
            (declared.target)().name,
            crate::value::print_values(&key)
        ),
    )
    .with_entity(def.name)
    .with_key(store.print_key(owner))
    .with_attribute(declared.name))
}
