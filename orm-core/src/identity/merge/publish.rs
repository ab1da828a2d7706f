//! The step in which a merge shows: checked first, then written, so that all of it is there or nothing.

use std::{collections::HashSet, sync::Arc};

use super::{Extent, Node, NodeMember, Origin, Related, Sources, write::Write};
use crate::{
    error::{Error, ErrorKind, Result},
    identity::{IdentityMap, ObjectRef, Work, key_columns},
    loading::column_error,
    schema::RelationKind,
    state::{Status, Targets},
    value::{ComparableKey, Value, print_values},
};

/// The objects of a merge.
#[derive(Debug)]
pub(crate) struct Merged {
    /// For each node that stands for its key, its object.
    pub(crate) objects: Vec<Option<ObjectRef>>,
    /// Those that are new.
    pub(crate) added: Vec<ObjectRef>,
}

/// One relationship and the members that it is to have.
struct Membership {
    owner: ObjectRef,
    relation: usize,
    wanted: Vec<ObjectRef>,
    coming: Vec<ObjectRef>,
    leaving: Vec<ObjectRef>,
    /// Of a collection that shows, it is put in the order of the members.
    shows: Shows,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shows {
    List,
    AsLinked,
}

impl IdentityMap {
    /// Publishes a merge for which everything was read. Refused, nothing changed.
    pub(crate) fn publish_merge(&self, sources: &Sources) -> Result<Merged> {
        let mut merged = Merged { objects: vec![None; sources.nodes.len()], added: Vec::new() };
        match self.publish_nodes(sources, &mut merged) {
            Ok(()) => Ok(merged),
            Err(error) => {
                self.discard(&merged.added);
                Err(error)
            }
        }
    }

    fn publish_nodes(&self, sources: &Sources, merged: &mut Merged) -> Result<()> {
        let work = &mut *self.work();
        let nodes = || sources.nodes.iter().enumerate().filter(|(at, _)| sources.same[*at] == *at);
        for (at, node) in nodes() {
            let object = match self.target_of(node)? {
                Some(object) => object,
                // Someone deleted the row, and nothing here is to bring it back.
                None if node.is_only_held() => continue,
                None => {
                    let object = self.add_node(work, node, merged)?;
                    merged.added.push(object);
                    object
                }
            };
            merged.objects[at] = Some(object);
        }
        let new: HashSet<ObjectRef> = merged.added.iter().copied().collect();
        let object = |node: usize| merged.objects[sources.same[node]];

        let mut writes: Vec<(ObjectRef, Write)> = Vec::new();
        let mut memberships = Vec::new();
        for (at, node) in nodes() {
            let Some(owner) = object(at) else { continue };
            let written = node.relations.iter().filter(|related| related.is_written());
            let given: Vec<usize> = written.map(|related| related.relation).collect();
            if !new.contains(&owner) {
                writes.push((owner, self.plan_write(work, owner, node.values.clone(), &given)?));
            }
            for related in &node.relations {
                let is_to_one = node.def.relations[related.relation].kind == RelationKind::BelongsTo;
                match &related.members[..] {
                    // Nobody changed it since it was detached. Where a to-one leads, its foreign key says.
                    _ if !related.is_written() => {}
                    [NodeMember::Key(key)] if is_to_one => {
                        writes.push((owner, self.plan_target(owner, related.relation, key)?));
                    }
                    _ => memberships.push(self.membership(work, owner, related, object, &new)?),
                }
            }
        }
        self.move_children(&mut memberships);
        for Membership { owner, relation, coming, leaving, .. } in &memberships {
            leaving.iter().try_for_each(|member| self.check_disconnect(work, *owner, *relation, *member))?;
            coming.iter().try_for_each(|member| self.check_connect(*owner, *relation, *member))?;
        }

        for (object, write) in writes {
            self.write(work, object, write)?;
        }
        for Membership { owner, relation, leaving, .. } in &memberships {
            self.disconnect_all(work, *owner, *relation, leaving)?;
        }
        for Membership { owner, relation, wanted, coming, shows, .. } in &memberships {
            coming.iter().try_for_each(|member| self.connect_in(work, *owner, *relation, *member))?;
            if *shows == Shows::List {
                // New ones show from the flush on.
                let shown =
                    wanted.iter().filter(|member| self.store_at(**member).status(member.slot) == Status::Persistent);
                let shown = Targets::Many(Arc::new(shown.map(|member| member.slot).collect()));
                self.store_at(*owner).link(owner.slot, *relation).load(shown, self.epoch());
            }
        }
        Ok(())
    }

    /// The object that a node is merged into; none where a new one is to be made.
    fn target_of(&self, node: &Node) -> Result<Option<ObjectRef>> {
        let Some(key) = &node.key else { return Ok(None) };
        let refused =
            |kind, why: &str| Err(Error::new(kind, why).with_entity(node.def.name).with_key(print_values(key)));
        let store = self.store_of(node.def);
        let found = store.find(key).map_err(|error| {
            Error::new(ErrorKind::Value, error.reason()).with_entity(node.def.name).with_key(print_values(key))
        })?;
        let found = found.filter(|slot| store.status(*slot) == Status::Persistent);
        let stale = |read: &Value| {
            format!(
                "what is merged was read at version {}, and the row is not at that version any more: someone else changed or deleted \
                 it. Nothing was changed: read the row again and decide anew",
                print_values(std::slice::from_ref(read))
            )
        };
        match (found, node.origin, node.version()) {
            (Some(slot), _, _) if node.is_only_held() => Ok(Some(Self::object(node.def, slot))),
            (None, ..) if node.is_only_held() => Ok(None),
            (Some(slot), _, Some(read)) => {
                let column = node.def.columns.iter().position(|column| column.version);
                match column.and_then(|column| store.base_value(slot, column)) {
                    Some(now) if now != read => refused(ErrorKind::StaleData, &stale(&read)),
                    _ => Ok(Some(Self::object(node.def, slot))),
                }
            }
            (Some(slot), _, None) => Ok(Some(Self::object(node.def, slot))),
            (None, Origin::Detached, Some(read)) => refused(ErrorKind::StaleData, &stale(&read)),
            (None, Origin::New | Origin::Detached, _) => Ok(None),
            (None, Origin::Changes | Origin::Key, _) => {
                refused(ErrorKind::NotFound, "no such row; nothing was changed")
            }
        }
    }

    /// A new object with what was set, and what a detached value holds beside it.
    fn add_node(&self, work: &mut Work, node: &Node, merged: &mut Merged) -> Result<ObjectRef> {
        let mut values = node.values.clone();
        if node.row.is_some() {
            let absent = (0..node.def.columns.len()).filter(|column| values.iter().all(|(known, _)| known != column));
            let read: Vec<(usize, Value)> = absent.filter_map(|column| Some((column, node.value(column)?))).collect();
            values.extend(read);
        }
        let slot = self.store_of(node.def).add_new(&values).map_err(|error| column_error(node.def, &error))?;
        let object = Self::object(node.def, slot);
        if let Err(error) = self.check_identity(work, object) {
            merged.added.push(object);
            return Err(error);
        }
        work.pending.insert(object);
        Ok(object)
    }

    fn membership(
        &self,
        work: &Work,
        owner: ObjectRef,
        related: &Related,
        object: impl Fn(usize) -> Option<ObjectRef>,
        new: &HashSet<ObjectRef>,
    ) -> Result<Membership> {
        let def = self.store_at(owner).def();
        let relation = related.relation;
        let declared = &def.relations[relation];
        let target = (declared.target)();
        let becomes_whole = related.extent == Extent::Whole;
        let unusable =
            |reason: &str| Error::new(ErrorKind::Value, reason).with_entity(target.name).with_attribute(declared.name);
        let mut seen = HashSet::new();
        let mut wanted = Vec::new();
        for member in if becomes_whole { &related.members } else { &related.came } {
            let member = match member {
                NodeMember::Node(node) => object(*node),
                NodeMember::Object(token) => Some(self.resolve(*token)?),
                NodeMember::Key(key) => {
                    let slot = self.store_of(target).reserve(key).map_err(|error| unusable(error.reason()))?;
                    Some(Self::object(target, slot))
                }
            };
            wanted.extend(member.filter(|member| seen.insert(*member)));
        }
        // Nobody has anything of a new object yet.
        let known = if new.contains(&owner) { Vec::new() } else { self.known_members(work, owner, relation) };
        let left: HashSet<ComparableKey> = related.left.iter().filter_map(ComparableKey::of).collect();
        let was_taken_out = |member: &ObjectRef| {
            let key = || self.store_at(*member).key(member.slot);
            !left.is_empty() && key().and_then(|key| ComparableKey::of(&key)).is_some_and(|key| left.contains(&key))
        };
        let leaves = |member: &ObjectRef| match becomes_whole {
            true => !seen.contains(member),
            false => was_taken_out(member),
        };
        let leaving = match declared.kind {
            // Setting another leaves the one that was.
            RelationKind::BelongsTo => Vec::new(),
            _ => known.iter().copied().filter(leaves).collect(),
        };
        let known: HashSet<ObjectRef> = known.into_iter().collect();
        let coming = wanted.iter().copied().filter(|member| !known.contains(member)).collect();
        let shows = match declared.kind.is_many() && becomes_whole && !new.contains(&owner) {
            true => Shows::List,
            false => Shows::AsLinked,
        };
        Ok(Membership { owner, relation, wanted, coming, leaving, shows })
    }

    /// A child that comes to another parent need not be taken from the one that it has.
    fn move_children(&self, memberships: &mut [Membership]) {
        let foreign_key = |owner: ObjectRef, relation: usize| {
            let def = self.store_at(owner).def();
            let declared = &def.relations[relation];
            let holder = if declared.kind == RelationKind::BelongsTo { def } else { (declared.target)() };
            (declared.kind != RelationKind::ManyToMany).then(|| key_columns(holder, declared))
        };
        let mut moved: HashSet<(ObjectRef, Vec<usize>)> = HashSet::new();
        for Membership { owner, relation, coming, .. } in memberships.iter() {
            let Some(columns) = foreign_key(*owner, *relation) else { continue };
            let is_child = self.store_at(*owner).def().relations[*relation].kind == RelationKind::BelongsTo;
            let children = if is_child && !coming.is_empty() { std::slice::from_ref(owner) } else { &coming[..] };
            moved.extend(children.iter().map(|child| (*child, columns.clone())));
        }
        for Membership { owner, relation, leaving, .. } in memberships.iter_mut() {
            if let Some(columns) = foreign_key(*owner, *relation) {
                leaving.retain(|child| !moved.contains(&(*child, columns.clone())));
            }
        }
    }
}
