//! What became related by the flush: collections of new objects are whole, and children show on the side of their parents.

use std::sync::Arc;

use super::{
    Publish,
    upward::{Upward, upward_of},
};
use crate::{
    collections::{HashMap, HashSet, IndexMap},
    error::Result,
    flush::rows::{Cell, Columns, cell_of},
    identity::{Follow, IdentityMap, ObjectRef, PairChange, inverse_of},
    schema::{EntityDef, RelationKind},
    state::{Status, Targets},
    value::{Value, is_null},
};

/// Who comes to which collection or to-one, and in which order.
type Arrivals = IndexMap<(ObjectRef, usize), Vec<(u64, u32)>>;

impl Publish<'_> {
    pub(super) fn arrivals(&mut self) -> Result<()> {
        let mut arrivals = Arrivals::default();
        let mut upward: HashMap<u32, Vec<Upward>> = HashMap::new();
        let rows = &self.plan.rows;
        let new = rows.new.iter().map(|row| (row.object, row.def, &row.cells));
        let changed = rows.changed.iter().map(|row| (row.object, row.def, &row.cells));
        for (child, def, cells) in new.chain(changed) {
            let upward = upward.entry(child.entity).or_insert_with(|| upward_of(self.map, def));
            for key in upward {
                self.show_parent(child, cells, key, &mut arrivals)?;
            }
        }
        self.pairs(&mut arrivals);
        self.new_collections(&mut arrivals);
        for ((owner, relation), mut members) in arrivals {
            members.sort_by_key(|(order, _)| *order);
            let members: Vec<u32> = members.into_iter().map(|(_, slot)| slot).collect();
            self.join(owner, relation, &members);
        }
        Ok(())
    }

    /// A child that was inserted, or whose foreign key was written: it shows its parent, and comes to that one's side.
    fn show_parent(&self, child: ObjectRef, cells: &Columns, key: &Upward, arrivals: &mut Arrivals) -> Result<()> {
        let sent: Option<Vec<&Cell>> = key.columns.iter().map(|column| cell_of(cells, *column)).collect();
        let Some(sent) = sent else { return Ok(()) };
        let follow = follow_of(&self.plan.rows.taken.follows, child, key);
        let values = sent.iter().map(|cell| self.results.resolve(self.plan, cell)).collect::<Result<Vec<Value>>>()?;
        let children = self.map.store_at(child);
        let same = key
            .columns
            .iter()
            .zip(&values)
            .all(|(column, value)| children.value(child.slot, *column).as_ref() == Some(value));
        // Whoever gave it another parent meanwhile has shown that one.
        if !same || follow != follow_of(&self.work.follows, child, key) {
            return Ok(());
        }
        let link = key.child_relation.map(|relation| children.link(child.slot, relation));
        if values.iter().any(is_null) {
            if let Some(link) = link {
                link.load(Targets::One(None), self.map.epoch());
            }
            return Ok(());
        }
        let parent = match sent[..] {
            [Cell::KeyOf { row, .. }, ..] => Some(self.plan.rows.new[*row].object),
            _ if key.by_key => {
                let found = self.map.store_of(key.parent).find(&values).ok().flatten();
                found.map(|slot| IdentityMap::object(key.parent, slot))
            }
            _ => follow.map(|follow| follow.parent),
        };
        let Some(parent) = parent.filter(|parent| self.map.store_at(*parent).status(parent.slot) == Status::Persistent)
        else {
            return Ok(());
        };
        if let Some(link) = link {
            let to_parent = Targets::One(Some(parent.slot));
            // A promise is about what the link shows: what was promised of the former parent was checked when it changed.
            if follow.is_some() {
                link.load(to_parent, self.map.epoch())
            } else {
                link.load_if_absent(to_parent, self.map.epoch())
            }
            if let Some(shape) = link.promise() {
                self.map.promise(parent, &shape);
            }
        }
        if let Some(relation) = key.parent_relation {
            let order = follow.map_or(u64::MAX, |follow| follow.order);
            arrivals.entry((parent, relation)).or_default().push((order, child.slot));
        }
        Ok(())
    }

    /// Pairs that came show on both sides.
    fn pairs(&self, arrivals: &mut Arrivals) {
        for (order, (pair, change)) in (0..).zip(&self.plan.rows.taken.pairs) {
            let has_row =
                |object: ObjectRef| matches!(self.map.store_at(object).status(object.slot), Status::Persistent);
            // One that was taken back meanwhile is not shown: the next flush deletes it.
            let is_wanted = self.work.pairs.get(pair) == Some(&PairChange::Add);
            if *change != PairChange::Add || !is_wanted || !has_row(pair.owner) || !has_row(pair.target) {
                continue;
            }
            arrivals.entry((pair.owner, pair.relation)).or_default().push((order, pair.target.slot));
            let def = self.map.store_at(pair.owner).def();
            if let Some(inverse) = inverse_of(def, pair.relation) {
                arrivals.entry((pair.target, inverse)).or_default().push((order, pair.owner.slot));
            }
        }
    }

    /// The collections of a new object are known: who came in this flush, and nobody else. Without a constraint rows might
    /// have referred to its key before.
    fn new_collections(&self, arrivals: &mut Arrivals) {
        for row in &self.plan.rows.new {
            for (at, relation) in row.def.relations.iter().enumerate() {
                if relation.kind == RelationKind::BelongsTo || relation.view_only || is_unenforced(row.def, at) {
                    continue;
                }
                let mut members: Vec<u32> = Vec::new();
                if let Some(mut came) = arrivals.swap_remove(&(row.object, at)) {
                    came.sort_by_key(|(order, _)| *order);
                    let mut seen = HashSet::new();
                    members.extend(came.into_iter().map(|(_, slot)| slot).filter(|slot| seen.insert(*slot)));
                }
                let target = (relation.target)();
                let link = self.map.store_at(row.object).link(row.object.slot, at);
                if let Some(shape) = link.promise() {
                    members.iter().for_each(|slot| self.map.promise(IdentityMap::object(target, *slot), &shape));
                }
                let targets = if relation.kind.is_many() {
                    Targets::Many(Arc::new(members))
                } else {
                    Targets::One(members.last().copied())
                };
                link.load(targets, self.map.epoch());
            }
        }
    }

    /// Members come to a side that was there before, where it is loaded.
    fn join(&self, owner: ObjectRef, relation: usize, members: &[u32]) {
        let store = self.map.store_at(owner);
        let Some(link) = store.links(owner.slot).map(|links| &links[relation]).filter(|link| link.is_loaded()) else {
            return;
        };
        let target = (store.def().relations[relation].target)();
        let object = |slot: u32| IdentityMap::object(target, slot);
        let promise = link.promise();
        // A member that lacks what was promised of all of them stays out until it is loaded.
        let holds = |slot: &u32| promise.as_ref().is_none_or(|shape| self.map.holds(object(*slot), shape).is_ok());
        let members: Vec<u32> = members.iter().copied().filter(holds).collect();
        let Some(last) = members.last() else { return };
        if store.def().relations[relation].kind.is_many() {
            link.extend(&members, self.map.epoch());
        } else {
            link.load(Targets::One(Some(*last)), self.map.epoch());
        }
        if let Some(shape) = &promise {
            members.iter().for_each(|slot| self.map.promise(object(*slot), shape));
        }
    }
}

fn follow_of(follows: &HashMap<ObjectRef, Vec<Follow>>, child: ObjectRef, key: &Upward) -> Option<Follow> {
    let def = key.parent;
    let is_it = |follow: &&Follow| {
        follow.parent.entity as usize == def.index.get()
            && match (key.child_relation, key.parent_relation) {
                (Some(relation), _) if follow.child_relation.is_some() => follow.child_relation == Some(relation),
                (_, relation) => relation.is_some() && follow.parent_relation == relation,
            }
    };
    follows.get(&child)?.iter().find(is_it).copied()
}

/// Whether either side says that the database has no constraint.
fn is_unenforced(def: &'static EntityDef, relation: usize) -> bool {
    let declared = &def.relations[relation];
    declared.unenforced || inverse_of(def, relation).is_some_and(|at| (declared.target)().relations[at].unenforced)
}
