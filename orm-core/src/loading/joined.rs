//! Joined hints: related rows that come in with their owner's row.

use std::borrow::Cow;

use super::{column_error, fill::as_targets};
use crate::{
    collections::{IndexMap, IndexSet},
    database::Cells,
    error::Result,
    identity::IdentityMap,
    query::{
        NodeScope, Plan, PlanNode, Strategy, Wanted,
        sql::{Join, JoinKind, Placement, default_columns},
    },
    schema::{EntityDef, RelationKind},
    state::{Absorb, Brought},
};

/// Whether a node's rows come by a JOIN. A subset has a statement of its own, whatever was asked: its rows are not the
/// relationship's, and a limit for each owner is no JOIN.
fn is_joined(node: &PlanNode) -> bool {
    node.strategy == Strategy::Joined
        && matches!(node.scope, NodeScope::Whole | NodeScope::Decided { wanted: Wanted::Yes })
}

/// The JOINs of a plan, level by level.
pub(super) fn joins_of<'q>(def: &'static EntityDef, plan: &Plan) -> Vec<Join<'q>> {
    let joined = plan.nodes.iter().filter(|node| is_joined(node));
    joined
        .map(|node| {
            let target = (def.relations[node.relation].target)();
            Join {
                relation: node.relation,
                columns: Cow::Owned([default_columns(target), node.plan.columns.clone()].concat()),
                filter: None,
                kind: JoinKind::Joined,
                joins: joins_of(target, &node.plan),
            }
        })
        .collect()
}

/// What the rows of one query brought for its joined relationships, owner by owner.
#[derive(Debug, Default)]
pub(super) struct Found {
    branches: Vec<Branch>,
}

#[derive(Debug)]
struct Branch {
    relation: usize,
    target: &'static EntityDef,
    first_cell: usize,
    first_deferred: usize,
    deferred: Vec<usize>,
    owners: IndexMap<u32, IndexSet<u32>>,
    below: Found,
}

impl Found {
    pub(super) fn of(map: &IdentityMap, def: &'static EntityDef, plan: &Plan, placements: &[Placement]) -> Self {
        let joined = plan.nodes.iter().filter(|node| is_joined(node));
        let branches = joined.zip(placements).map(|(node, placement)| {
            let target = (def.relations[node.relation].target)();
            map.store_of(target);
            Branch {
                relation: node.relation,
                target,
                first_cell: placement.first_cell,
                first_deferred: placement.first_cell + placement.columns.len() - node.plan.columns.len(),
                deferred: node.plan.columns.clone(),
                owners: IndexMap::default(),
                below: Self::of(map, target, &node.plan, &placement.joins),
            }
        });
        Self { branches: branches.collect() }
    }

    /// Takes in one row's joined columns.
    pub(super) fn take(&mut self, map: &IdentityMap, owner: u32, cells: &Cells<'_>, epoch: u64) -> Result<()> {
        for branch in &mut self.branches {
            let store = map.store_of(branch.target);
            let brought = Brought { columns: &branch.deferred, first: branch.first_deferred };
            let target = store
                .absorb_with(cells, branch.first_cell, brought, Absorb::Fill, epoch)
                .map_err(|error| column_error(branch.target, &error))?;
            let members = branch.owners.entry(owner).or_default();
            if let Some(target) = target {
                members.insert(target);
                branch.below.take(map, target, cells, epoch)?;
            }
        }
        Ok(())
    }

    /// Links the owners to what was found for them, where they did not know it.
    pub(super) fn publish(self, map: &IdentityMap, def: &'static EntityDef, epoch: u64) -> Result<()> {
        for mut branch in self.branches {
            branch.publish_own(map, def, epoch)?;
            branch.below.publish(map, branch.target, epoch)?;
        }
        Ok(())
    }
}

impl Branch {
    fn publish_own(&mut self, map: &IdentityMap, def: &'static EntityDef, epoch: u64) -> Result<()> {
        let store = map.store_of(def);
        let declared = &def.relations[self.relation];
        let work = &mut *map.work();
        let unflushed = map.unflushed(work, def, self.relation);
        for (owner, members) in std::mem::take(&mut self.owners) {
            let link = store.link(owner, self.relation);
            // A link that others were promised something about is `fill`'s, which looks after the promise; so is one whose object refers
            // to another row than the database has.
            let has_moved = || {
                declared.kind == RelationKind::BelongsTo
                    && map.has_moved(work, IdentityMap::object(def, owner), declared)
            };
            if link.promise().is_some() || link.is_loaded_in(epoch) || has_moved() {
                continue;
            }
            let mut members: Vec<u32> = members.into_iter().collect();
            if declared.kind != RelationKind::BelongsTo {
                map.settle_list(work, def, self.relation, owner, &members);
                if let Some(unflushed) = &unflushed {
                    members = unflushed.see(map, work, owner, &members);
                }
            }
            super::selectin::check_target(map, def, owner, self.relation, members.first().copied())?;
            link.load_if_absent(as_targets(def, self.relation, &members), epoch);
        }
        Ok(())
    }
}
