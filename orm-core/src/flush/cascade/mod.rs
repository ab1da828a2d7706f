//! What a deletion takes along: children that go too, foreign keys that become NULL, new objects that are never inserted.

mod children;
mod load;
mod one_to_one;

use std::collections::{BTreeSet, VecDeque};

use self::children::Unflushed;
pub(super) use self::load::{Loaded, Needs, load};
use super::foreign_key::nullable;
use crate::{
    collections::{IndexMap, IndexSet},
    error::{Error, ErrorKind, Result},
    identity::{Former, IdentityMap, ObjectRef, Work, key_columns, referenced_columns},
    schema::{EntityDef, OnAction, RelationDef, RelationKind},
    state::{Status, Targets},
    value::{ComparableKey, Value, only_the_database_compares_any},
};

/// The deletions of a flush with everything that follows from them.
#[derive(Debug, Default)]
pub(super) struct Cascade {
    /// Rows to delete, in the order in which they were found.
    pub(super) deleted: IndexSet<ObjectRef>,
    /// Pending objects that are not to be inserted after all.
    pub(super) dropped: IndexSet<ObjectRef>,
    /// Objects that lose a parent: the columns that become NULL.
    pub(super) nulled: IndexMap<ObjectRef, BTreeSet<usize>>,
    /// What must be read before the rest can be found.
    needs: Needs,
    tasks: VecDeque<Task>,
    left: Vec<Left>,
}

/// One relationship of an object that goes, to be looked at.
#[derive(Clone, Copy, Debug)]
struct Task {
    object: ObjectRef,
    relation: usize,
}

/// A child that stays when its parent goes.
#[derive(Clone, Copy, Debug)]
struct Left {
    parent: ObjectRef,
    /// The parent's relationship; none where only the child declares it.
    relation: Option<usize>,
    child: ObjectRef,
    columns: &'static [&'static str],
    why: Why,
}

/// Why a child loses its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The parent goes.
    ParentGoes,
    /// The parent has another child now, and may have one only.
    Replaced,
}

/// Whether the children go with the parent.
fn takes_along(relation: &RelationDef) -> bool {
    relation.cascade_delete
        || relation.delete_orphan
        // The database deletes those that it finds: what is loaded must agree.
        || (relation.passive_deletes && relation.on_delete == OnAction::Cascade)
}

impl Cascade {
    /// Begins with what the program deleted, and with orphans.
    pub(super) fn new(map: &IdentityMap, work: &Work) -> Self {
        let mut cascade = Self::default();
        for object in work.going() {
            cascade.take(map, object);
        }
        cascade
    }

    /// Follows the relationships of everything that goes, as far as they are loaded.
    pub(super) fn walk(&mut self, map: &IdentityMap, work: &Work, loaded: &Loaded) {
        let replaced = work.one_to_one.values().any(|newest| newest.former == Former::Unknown);
        if self.tasks.is_empty() && !replaced {
            return;
        }
        let mut unflushed = Unflushed::new(map, work);
        self.replace_children(map, &unflushed, loaded);
        while let Some(task) = self.tasks.pop_front() {
            self.follow(map, &mut unflushed, loaded, task);
        }
    }

    /// What must be read before [`walk`](Self::walk) can go on; nothing when it is complete.
    pub(super) fn take_needs(&mut self) -> Option<Needs> {
        (!self.needs.is_empty()).then(|| {
            let needs = std::mem::take(&mut self.needs);
            self.tasks.extend(needs.tasks().map(|(object, relation)| Task { object, relation }));
            needs
        })
    }

    /// An object goes.
    fn take(&mut self, map: &IdentityMap, object: ObjectRef) {
        let store = map.store_at(object);
        let new = match store.status(object.slot) {
            Status::Pending => self.dropped.insert(object),
            Status::Persistent | Status::Expired => self.deleted.insert(object),
            Status::Deleted | Status::Discarded => false,
        };
        if new {
            // One that nobody declares is followed too: a child that declares its parent alone.
            let relations = store.def().relations.len() + 1;
            self.tasks.extend((0..relations).map(|relation| Task { object, relation }));
        }
    }

    fn follow(&mut self, map: &IdentityMap, unflushed: &mut Unflushed<'_>, loaded: &Loaded, task: Task) {
        let Task { object, relation } = task;
        let store = map.store_at(object);
        let def = store.def();
        let Some(declared) = def.relations.get(relation) else {
            for (child, follow) in unflushed.followers(object) {
                if follow.parent_relation.is_none() {
                    self.left.push(Left {
                        parent: object,
                        relation: None,
                        child,
                        columns: follow.columns,
                        why: Why::ParentGoes,
                    });
                }
            }
            return;
        };
        if declared.view_only {
            return;
        }
        match declared.kind {
            RelationKind::BelongsTo | RelationKind::ManyToMany => {
                if takes_along(declared) && !self.dropped.contains(&object) {
                    for target in self.targets(map, loaded, task, declared) {
                        self.take(map, target);
                    }
                }
            }
            RelationKind::HasOne | RelationKind::HasMany => {
                self.follow_children(map, unflushed, loaded, task, declared)
            }
        }
    }

    fn follow_children(
        &mut self,
        map: &IdentityMap,
        unflushed: &mut Unflushed<'_>,
        loaded: &Loaded,
        task: Task,
        declared: &'static RelationDef,
    ) {
        let Task { object: parent, relation } = task;
        let was_row = self.deleted.contains(&parent);
        let mut children = IndexSet::default();
        for (child, follow) in unflushed.followers(parent) {
            if follow.columns == declared.foreign_key && IdentityMap::object((declared.target)(), child.slot) == child {
                children.insert(child);
            }
        }
        if was_row {
            let Some(key) = self.referred_key(map, task, declared) else { return };
            let known = self.targets(map, loaded, task, declared);
            let (same, others): (Vec<ObjectRef>, Vec<ObjectRef>) =
                known.into_iter().partition(|child| unflushed.refers(*child, declared, parent, &key));
            children.extend(same);
            // Spelled otherwise, but equal in the database? Only what was read just now says so.
            let target = (declared.target)();
            if !others.is_empty()
                && !declared.passive_deletes
                && only_the_database_compares_any(target, &positions(target, declared.foreign_key))
            {
                if loaded.get(parent, relation).is_none() {
                    self.needs.relation(parent, relation);
                    return;
                }
                children.extend(others.into_iter().filter(|child| unflushed.is_as_read(*child, declared)));
            }
            children.extend(unflushed.with_key((declared.target)(), declared, parent, &key));
        } else if let Some(key) = given_key(map, parent, declared) {
            children.extend(unflushed.with_key((declared.target)(), declared, parent, &key));
        }
        for child in children {
            let is_row = map.store_at(child).status(child.slot) != Status::Pending;
            // A row that was to move to a new object stays when that is dropped: it never was its child.
            if takes_along(declared) && (was_row || !is_row || unflushed.is_taken_away(child, declared)) {
                self.take(map, child);
            } else {
                let columns = declared.foreign_key;
                self.left.push(Left { parent, relation: Some(relation), child, columns, why: Why::ParentGoes });
            }
        }
    }

    /// The other side of a relationship, or a need to load it.
    fn targets(&mut self, map: &IdentityMap, loaded: &Loaded, task: Task, declared: &RelationDef) -> Vec<ObjectRef> {
        let Task { object, relation } = task;
        let target = (declared.target)();
        let objects = |slots: &[u32]| slots.iter().map(|slot| IdentityMap::object(target, *slot)).collect();
        let link = map.store_at(object).links(object.slot).map(|links| &links[relation]);
        let shown = link.and_then(|link| link.targets());
        let fresh = link.is_some_and(|link| link.is_loaded_in(map.epoch()));
        if let Some(slots) = loaded.get(object, relation) {
            return objects(slots);
        }
        if fresh || declared.passive_deletes {
            return shown.as_ref().map(Targets::as_slice).map_or_else(Vec::new, objects);
        }
        self.needs.relation(object, relation);
        Vec::new()
    }

    /// What children of this parent hold as their foreign key; `None` where the parent's row must be read first.
    fn referred_key(&mut self, map: &IdentityMap, task: Task, declared: &RelationDef) -> Option<ComparableKey> {
        let store = map.store_at(task.object);
        let columns = referenced_columns(store.def(), declared);
        let key: Option<Vec<Value>> = if columns == store.def().primary_key {
            store.key(task.object.slot)
        } else {
            columns.iter().map(|column| store.base_value(task.object.slot, *column)).collect()
        };
        if key.is_none() {
            self.needs.row(task.object, task.relation);
        }
        ComparableKey::of(&key?)
    }

    /// Settles what becomes of the children that stay.
    pub(super) fn settle(&mut self, map: &IdentityMap) -> Result<()> {
        let mut refused: Vec<Left> = Vec::new();
        for left in std::mem::take(&mut self.left) {
            if self.deleted.contains(&left.child) || self.dropped.contains(&left.child) {
                continue;
            }
            let child = map.store_at(left.child).def();
            let columns = nullable(child, &positions(child, left.columns));
            let was_given_a_row_that_goes = left.relation.is_none() && self.deleted.contains(&left.parent);
            if columns.is_empty() || was_given_a_row_that_goes {
                refused.push(left);
            } else {
                self.nulled.entry(left.child).or_default().extend(columns);
            }
        }
        match refused.first() {
            None => Ok(()),
            Some(&first) => {
                let same = refused.iter().filter(|left| {
                    left.parent == first.parent && left.relation == first.relation && left.why == first.why
                });
                Err(refusal(map, first, &same.map(|left| left.child).collect::<Vec<_>>()))
            }
        }
    }
}

/// What children of a new object hold as their foreign key, where the program gave it.
fn given_key(map: &IdentityMap, object: ObjectRef, declared: &RelationDef) -> Option<ComparableKey> {
    let store = map.store_at(object);
    let values = referenced_columns(store.def(), declared).into_iter().map(|column| store.value(object.slot, column));
    ComparableKey::of(&values.collect::<Option<Vec<Value>>>()?)
}

fn positions(def: &EntityDef, fields: &[&str]) -> Vec<usize> {
    fields.iter().filter_map(|field| def.column_of_field(field)).collect()
}

/// Why a parent cannot go.
fn refusal(map: &IdentityMap, left: Left, children: &[ObjectRef]) -> Error {
    let (parents, members) = (map.store_at(left.parent), map.store_at(left.child));
    let (parent, child) = (parents.def(), members.def());
    let shown: Vec<String> = children.iter().take(3).map(|one| members.print_key(one.slot)).collect();
    let more = if children.len() > shown.len() { ", .." } else { "" };
    let who = format!("{}[{}{more}]", child.name, shown.join(", "));
    let columns = left.columns.join(", ");
    let error = match left.relation {
        Some(relation) if left.why == Why::Replaced => {
            let declared = &parent.relations[relation];
            Error::new(
                ErrorKind::MissingParent,
                format!(
                    "was given another {}, and {who}, which it has, would be left without it: the foreign key `{columns}` of {} is NOT \
                     NULL. Nothing was sent. To delete the old one declare `cascade = \"all, delete-orphan\"` on `{}.{}`, or delete \
                     it or give it another parent first",
                    declared.name, child.name, parent.name, declared.name
                ),
            )
            .with_attribute(declared.name)
        }
        Some(relation) => {
            let declared = &parent.relations[relation];
            Error::new(
                ErrorKind::MissingParent,
                format!(
                    "cannot be deleted alone: {who} would be left without it, and the foreign key `{columns}` of {} is NOT \
                     NULL. Nothing was sent. To delete them with it declare `cascade = \"all, delete-orphan\"` (or \
                     `cascade = \"delete\"`) on `{}.{}`, or give them another parent first",
                    child.name, parent.name, declared.name
                ),
            )
            .with_attribute(declared.name)
        }
        None => Error::new(
            ErrorKind::MissingParent,
            format!(
                "cannot be deleted: {who} was given it as its parent (`{columns}`) and is not flushed yet. Nothing was sent. \
                 Give that another parent, or delete it too"
            ),
        ),
    };
    error.with_entity(parent.name).with_key(parents.print_key(left.parent.slot))
}

/// The columns of a relationship's foreign key, on the child.
fn foreign_key_columns(declared: &RelationDef) -> Vec<usize> {
    key_columns((declared.target)(), declared)
}
