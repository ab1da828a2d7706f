//! Writing relationships: one edge at a time, both sides at once, refused before anything changes if it would break a promise.

use super::{
    IdentityMap, ObjectRef,
    work::{Follow, Pair, PairChange, Work},
};
use crate::{
    error::{Error, ErrorKind, Result},
    schema::{EntityDef, RelationDef, RelationKind},
    state::{AnyStore, Mark, Status, Targets},
    value::{Value, is_null},
};

/// The positions of a relationship's foreign key among the columns of the entity that holds it.
pub(crate) fn key_columns(holder: &EntityDef, relation: &RelationDef) -> Vec<usize> {
    positions(holder, relation.foreign_key)
}

/// The positions of what a relationship's foreign key refers to, on the side that does not hold it.
pub(crate) fn referenced_columns(referred: &EntityDef, relation: &RelationDef) -> Vec<usize> {
    if relation.references.is_empty() {
        referred.primary_key.to_vec()
    } else {
        positions(referred, relation.references)
    }
}

fn positions(def: &EntityDef, fields: &[&str]) -> Vec<usize> {
    fields.iter().filter_map(|field| def.column_of_field(field)).collect()
}

/// The relationship on the other side that is the same one: named by `back_populates` on either side, or using the same
/// foreign key or secondary table.
pub(crate) fn inverse_of(def: &'static EntityDef, relation: usize) -> Option<usize> {
    let here = &def.relations[relation];
    let target = (here.target)();
    let declared =
        |there: &RelationDef| here.back_populates == Some(there.name) || there.back_populates == Some(here.name);
    let same = |there: &RelationDef| match (here.kind, there.kind) {
        (RelationKind::BelongsTo, RelationKind::HasMany | RelationKind::HasOne)
        | (RelationKind::HasMany | RelationKind::HasOne, RelationKind::BelongsTo) => {
            here.foreign_key == there.foreign_key
        }
        (RelationKind::ManyToMany, RelationKind::ManyToMany) => match (&here.secondary, &there.secondary) {
            (Some(a), Some(b)) => a.table == b.table && a.owner_columns == b.target_columns,
            _ => false,
        },
        _ => false,
    };
    let candidates = |test: &dyn Fn(&RelationDef) -> bool| {
        target.relations.iter().enumerate().position(|(at, there)| {
            std::ptr::eq((there.target)(), def) && !(std::ptr::eq(target, def) && at == relation) && test(there)
        })
    };
    candidates(&declared).or_else(|| candidates(&same))
}

/// One side of an edge that holds the foreign key, the other, and how each names it.
struct Edge {
    child: ObjectRef,
    parent: ObjectRef,
    /// Of the child, if it declares one.
    child_relation: Option<usize>,
    /// Of the parent, if it declares one.
    parent_relation: Option<usize>,
    /// The declaration that names the foreign key: of whichever side was written.
    relation: &'static RelationDef,
}

impl IdentityMap {
    /// Makes `target` the other side of `owner`'s relationship: sets a to-one, adds to a to-many.
    pub(crate) fn connect(&self, owner: ObjectRef, relation: usize, target: ObjectRef) -> Result<()> {
        let work = &mut *self.work();
        self.connect_in(work, owner, relation, target)
    }

    pub(super) fn connect_in(
        &self,
        work: &mut Work,
        owner: ObjectRef,
        relation: usize,
        target: ObjectRef,
    ) -> Result<()> {
        let def = self.store_at(owner).def();
        let declared = &def.relations[relation];
        let inverse = inverse_of(def, relation);
        self.check_writable(def, declared)?;
        self.note_write();
        match declared.kind {
            RelationKind::ManyToMany => self.connect_pair(work, owner, relation, target, inverse),
            RelationKind::BelongsTo => self.connect_edge(
                work,
                &Edge {
                    child: owner,
                    parent: target,
                    child_relation: Some(relation),
                    parent_relation: inverse,
                    relation: declared,
                },
            ),
            RelationKind::HasMany | RelationKind::HasOne => self.connect_edge(
                work,
                &Edge {
                    child: target,
                    parent: owner,
                    child_relation: inverse,
                    parent_relation: Some(relation),
                    relation: declared,
                },
            ),
        }
    }

    fn connect_edge(&self, work: &mut Work, edge: &Edge) -> Result<()> {
        let &Edge { child, parent, child_relation, parent_relation, relation } = edge;
        let below_child = self.promised(child, child_relation);
        let below_parent = self.promised(parent, parent_relation);
        if let Some(shape) = &below_child {
            self.will_hold((parent, parent_relation), (child, child_relation), shape)
                .map_err(|lacking| self.breaks_promise(child, child_relation, parent, &lacking))?;
        }
        if let Some(shape) = &below_parent {
            self.will_hold((child, child_relation), (parent, parent_relation), shape)
                .map_err(|lacking| self.breaks_promise(parent, parent_relation, child, &lacking))?;
        }
        let children = self.store_at(child);
        let parents = self.store_at(parent);
        self.leave_old_parent(edge);

        let columns = key_columns(children.def(), relation);
        let referred = referenced_columns(parents.def(), relation);
        let key: Option<Vec<Value>> = match parents.status(parent.slot) {
            Status::Pending => None,
            _ => referred.iter().map(|column| parents.value(parent.slot, *column)).collect(),
        };
        match key {
            Some(key) => {
                work.unfollow(child, relation.foreign_key);
                for (column, value) in columns.iter().zip(&key) {
                    children.set_value(child.slot, *column, value).map_err(|error| {
                        Error::new(ErrorKind::Value, error.reason())
                            .with_entity(children.def().name)
                            .with_attribute(children.def().columns[*column].field)
                    })?;
                }
                if let Some(relation) = child_relation {
                    children.link(child.slot, relation).load(Targets::One(Some(parent.slot)), self.epoch());
                }
            }
            None => work.follow(
                child,
                Follow {
                    columns: relation.foreign_key,
                    references: relation.references,
                    child_relation,
                    parent_relation,
                    parent,
                    order: 0,
                },
            ),
        }
        work.touch(children, child);

        // A pending child shows on the parent's side from the flush on: until then it has no row to show.
        if children.status(child.slot) == Status::Persistent {
            if let Some(relation) = parent_relation {
                self.list_child(parent, relation, child);
            }
        } else if parent_relation.is_some() && parents.status(parent.slot) != Status::Pending {
            work.follow(
                child,
                Follow {
                    columns: relation.foreign_key,
                    references: relation.references,
                    child_relation,
                    parent_relation,
                    parent,
                    order: 0,
                },
            );
        }
        if let Some(shape) = below_child {
            self.promise(parent, &shape);
        }
        if let Some(shape) = below_parent {
            self.promise(child, &shape);
        }
        Ok(())
    }

    /// Shows a child on its parent's side, where that side is loaded.
    pub(crate) fn list_child(&self, parent: ObjectRef, relation: usize, child: ObjectRef) {
        let store = self.store_at(parent);
        let link = store.link(parent.slot, relation);
        if store.def().relations[relation].kind.is_many() {
            link.append(child.slot, self.epoch());
        } else if link.is_loaded() {
            link.load(Targets::One(Some(child.slot)), self.epoch());
        }
    }

    /// The child's former parent no longer lists it.
    fn leave_old_parent(&self, edge: &Edge) {
        let Some(parent_relation) = edge.parent_relation else { return };
        let Some(old) = self.old_parent(edge).filter(|old| *old != edge.parent.slot) else { return };
        let parents = self.store_at(edge.parent);
        if let Some(links) = parents.links(old) {
            links[parent_relation].remove(edge.child.slot, self.epoch());
        }
    }

    /// A child that is not to follow a new parent after all shows again on the side of the one that it still has.
    pub(super) fn stay_with_parent(&self, child: ObjectRef, follow: &Follow) {
        let Some(parent_relation) = follow.parent_relation else { return };
        let parent_def = self.store_at(follow.parent).def();
        let relation = &parent_def.relations[parent_relation];
        let edge = Edge {
            child,
            parent: follow.parent,
            child_relation: follow.child_relation,
            parent_relation: Some(parent_relation),
            relation,
        };
        if self.store_at(child).status(child.slot) == Status::Persistent
            && let Some(old) = self.old_parent(&edge)
        {
            self.list_child(Self::object(parent_def, old), parent_relation, child);
        }
    }

    /// A child whose row has no parent any more: it shows none, and its former parent does not list it.
    pub(crate) fn leave_parent(&self, child: ObjectRef, relation: usize) {
        let _work = self.work();
        let children = self.store_at(child);
        let def = children.def();
        let declared = &def.relations[relation];
        let parent_def = (declared.target)();
        let parent_relation = inverse_of(def, relation);
        let edge = Edge {
            child,
            parent: Self::object(parent_def, u32::MAX),
            child_relation: Some(relation),
            parent_relation,
            relation: declared,
        };
        self.store_of(parent_def);
        self.leave_old_parent(&edge);
        let link = children.link(child.slot, relation);
        if link.is_loaded() {
            link.load(Targets::One(None), self.epoch());
        }
    }

    /// The parent that a child shows or, where that is not loaded, that its foreign key names.
    fn old_parent(&self, edge: &Edge) -> Option<u32> {
        let children = self.store_at(edge.child);
        edge.child_relation
            .and_then(|relation| children.links(edge.child.slot)?[relation].targets())
            .and_then(|targets| targets.as_slice().first().copied())
            .or_else(|| self.parent_by_key(edge))
    }

    /// The parent that a child's foreign key names, if it is in the map.
    fn parent_by_key(&self, edge: &Edge) -> Option<u32> {
        let children = self.store_at(edge.child);
        if !edge.relation.references.is_empty() {
            return None;
        }
        let key: Option<Vec<Value>> = key_columns(children.def(), edge.relation)
            .iter()
            .map(|column| children.value(edge.child.slot, *column).filter(|value| !is_null(value)))
            .collect();
        self.store_at(edge.parent).find(&key?).ok().flatten()
    }

    fn connect_pair(
        &self,
        work: &mut Work,
        owner: ObjectRef,
        relation: usize,
        target: ObjectRef,
        inverse: Option<usize>,
    ) -> Result<()> {
        let below_owner = self.promised(owner, Some(relation));
        let below_target = self.promised(target, inverse);
        if let Some(shape) = &below_owner {
            self.holds(target, shape)
                .map_err(|lacking| self.breaks_promise(owner, Some(relation), target, &lacking))?;
        }
        if let Some(shape) = &below_target {
            self.holds(owner, shape).map_err(|lacking| self.breaks_promise(target, inverse, owner, &lacking))?;
        }
        let (owners, targets) = (self.store_at(owner), self.store_at(target));
        // Either side may be the one that is loaded.
        let shows = |store: &dyn AnyStore, from: ObjectRef, relation: usize, to: ObjectRef| {
            let targets = store.links(from.slot).and_then(|links| links[relation].targets());
            targets.is_some_and(|targets| targets.as_slice().contains(&to.slot))
        };
        let known = shows(owners, owner, relation, target)
            || inverse.is_some_and(|inverse| shows(targets, target, inverse, owner));
        if !known {
            work.change_pair(Pair { owner, relation, target }, inverse, PairChange::Add);
        }
        if targets.status(target.slot) == Status::Persistent && owners.status(owner.slot) == Status::Persistent {
            owners.link(owner.slot, relation).append(target.slot, self.epoch());
            if let Some(inverse) = inverse {
                targets.link(target.slot, inverse).append(owner.slot, self.epoch());
            }
        }
        if let Some(shape) = below_owner {
            self.promise(target, &shape);
        }
        if let Some(shape) = below_target {
            self.promise(owner, &shape);
        }
        Ok(())
    }

    /// Takes `target` away from `owner`'s relationship. A required parent may only be left by a child that is deleted for it.
    pub(crate) fn disconnect(&self, owner: ObjectRef, relation: usize, target: ObjectRef) -> Result<()> {
        let work = &mut *self.work();
        self.disconnect_in(work, owner, relation, target)
    }

    pub(super) fn disconnect_in(
        &self,
        work: &mut Work,
        owner: ObjectRef,
        relation: usize,
        target: ObjectRef,
    ) -> Result<()> {
        let def = self.store_at(owner).def();
        let declared = &def.relations[relation];
        let inverse = inverse_of(def, relation);
        self.check_writable(def, declared)?;
        self.note_write();
        match declared.kind {
            RelationKind::ManyToMany => {
                let targets = self.store_at(target);
                work.change_pair(Pair { owner, relation, target }, inverse, PairChange::Remove);
                self.store_at(owner).link(owner.slot, relation).remove(target.slot, self.epoch());
                if let Some(inverse) = inverse {
                    targets.link(target.slot, inverse).remove(owner.slot, self.epoch());
                }
                Ok(())
            }
            RelationKind::BelongsTo => self.leave(
                work,
                &Edge {
                    child: owner,
                    parent: target,
                    child_relation: Some(relation),
                    parent_relation: inverse,
                    relation: declared,
                },
            ),
            RelationKind::HasMany | RelationKind::HasOne => self.leave(
                work,
                &Edge {
                    child: target,
                    parent: owner,
                    child_relation: inverse,
                    parent_relation: Some(relation),
                    relation: declared,
                },
            ),
        }
    }

    /// Takes every member away from a relationship.
    pub(crate) fn clear_relation(&self, owner: ObjectRef, relation: usize) -> Result<()> {
        let store = self.store_at(owner);
        let def = store.def();
        let declared = &def.relations[relation];
        let target = (declared.target)();
        if let Some(targets) = store.links(owner.slot).and_then(|links| links[relation].targets()) {
            return targets
                .as_slice()
                .iter()
                .try_for_each(|slot| self.disconnect(owner, relation, Self::object(target, *slot)));
        }
        if declared.kind == RelationKind::BelongsTo {
            return self.clear_foreign_key(&mut self.work(), owner, relation, declared);
        }
        Err(Error::new(
            ErrorKind::State,
            format!(
                "not loaded, so its members are not known; load it first: `session.load(&object, {}::{}).await?`",
                def.name,
                declared.name.to_uppercase()
            ),
        )
        .with_entity(def.name)
        .with_key(store.print_key(owner.slot))
        .with_attribute(declared.name))
    }

    /// Clears a to-one, loaded or not.
    pub(super) fn clear_in(&self, work: &mut Work, owner: ObjectRef, relation: usize) -> Result<()> {
        let store = self.store_at(owner);
        let declared = &store.def().relations[relation];
        let shown = store.links(owner.slot).and_then(|links| links[relation].targets());
        match shown.as_ref().and_then(|targets| targets.as_slice().first()) {
            Some(slot) => self.disconnect_in(work, owner, relation, Self::object((declared.target)(), *slot)),
            None => self.clear_foreign_key(work, owner, relation, declared),
        }
    }

    /// Clears a to-one whose target is not loaded: its foreign key becomes NULL.
    fn clear_foreign_key(
        &self,
        work: &mut Work,
        owner: ObjectRef,
        relation: usize,
        declared: &'static RelationDef,
    ) -> Result<()> {
        let store = self.store_at(owner);
        let def = store.def();
        self.check_writable(def, declared)?;
        let columns = key_columns(def, declared);
        if !columns.iter().all(|column| def.columns[*column].nullable) {
            return Err(Error::new(
                ErrorKind::MissingParent,
                "the foreign key is NOT NULL: give it another target instead, or delete the object",
            )
            .with_entity(def.name)
            .with_key(store.print_key(owner.slot))
            .with_attribute(declared.name));
        }
        self.note_write();
        work.unfollow(owner, declared.foreign_key);
        for column in columns {
            let null = crate::value::null_of(def.columns[column].sql_type);
            store.set_value(owner.slot, column, &null).map_err(|error| {
                Error::new(ErrorKind::Value, error.reason())
                    .with_entity(def.name)
                    .with_attribute(def.columns[column].field)
            })?;
        }
        store.link(owner.slot, relation).load(Targets::One(None), self.epoch());
        work.touch(store, owner);
        Ok(())
    }

    fn leave(&self, work: &mut Work, edge: &Edge) -> Result<()> {
        let &Edge { child, parent, child_relation, parent_relation, relation } = edge;
        let children = self.store_at(child);
        let columns = key_columns(children.def(), relation);
        let nullable = columns.iter().all(|column| children.def().columns[*column].nullable);
        let parents = self.store_at(parent);
        let orphans_go = parent_relation.is_some_and(|at| parents.def().relations[at].delete_orphan);
        if !nullable && !orphans_go {
            return Err(self.needs_parent(child, parents.def()));
        }
        if let Some(at) = parent_relation {
            parents.link(parent.slot, at).remove(child.slot, self.epoch());
        }
        work.unfollow(child, relation.foreign_key);
        if orphans_go {
            self.orphan(work, child);
            return Ok(());
        }
        for column in columns {
            let null = children.def().columns[column].sql_type;
            children
                .set_value(child.slot, column, &crate::value::null_of(null))
                .map_err(|error| Error::new(ErrorKind::Value, error.reason()).with_entity(children.def().name))?;
        }
        if let Some(at) = child_relation {
            children.link(child.slot, at).load(Targets::One(None), self.epoch());
        }
        work.touch(children, child);
        Ok(())
    }

    /// A child may not be left without this parent.
    pub(super) fn needs_parent(&self, child: ObjectRef, parent: &EntityDef) -> Error {
        let children = self.store_at(child);
        Error::new(
            ErrorKind::MissingParent,
            format!(
                "cannot be left without its {}: the foreign key is NOT NULL; give it another parent, delete it, or declare \
                 `cascade = \"all, delete-orphan\"` on the collection",
                parent.name
            ),
        )
        .with_entity(children.def().name)
        .with_key(children.print_key(child.slot))
    }

    /// A child that nobody owns any more: deleted at the next flush, dropped at once when it was never flushed, and with it
    /// the new objects that it owns itself.
    fn orphan(&self, work: &mut Work, child: ObjectRef) {
        let mut orphans = vec![child];
        while let Some(child) = orphans.pop() {
            let children = self.store_at(child);
            match children.status(child.slot) {
                Status::Pending => {}
                Status::Persistent | Status::Expired => {
                    children.set_mark(child.slot, Mark::DeletePending);
                    work.deleted.insert(child);
                    continue;
                }
                Status::Deleted | Status::Discarded => continue,
            }
            work.pending.shift_remove(&child);
            work.follows.remove(&child);
            children.set_mark(child.slot, Mark::Discarded);
            let owned = |follow: &Follow| {
                let declared = |at: usize| &children.def().relations[at];
                let is_owned = |at| declared(at).cascade_delete || declared(at).delete_orphan;
                follow.parent == child && follow.parent_relation.is_some_and(is_owned)
            };
            let owned = work.follows.iter().filter(|(_, follows)| follows.iter().any(owned)).map(|(child, _)| *child);
            // What has a row was to move here: it stays where it was.
            orphans.extend(owned.filter(|child| self.store_at(*child).status(child.slot) == Status::Pending));
        }
    }

    pub(super) fn check_writable(&self, def: &'static EntityDef, relation: &RelationDef) -> Result<()> {
        if relation.view_only {
            return Err(Error::new(ErrorKind::State, "declared `viewonly`: write the relationship that it views")
                .with_entity(def.name)
                .with_attribute(relation.name));
        }
        Ok(())
    }

    pub(super) fn breaks_promise(
        &self,
        owner: ObjectRef,
        relation: Option<usize>,
        member: ObjectRef,
        lacking: &str,
    ) -> Error {
        let (owners, members) = (self.store_at(owner), self.store_at(member));
        let name = relation.map_or("", |at| owners.def().relations[at].name);
        let member = format!("{}[{}]", members.def().name, members.print_key(member.slot));
        // What is lacking is the member itself, or a path of attributes below it.
        let lacking = if lacking == member { format!("`{member}`") } else { format!("`{lacking}` of {member}") };
        Error::new(
            ErrorKind::BreaksPromise,
            format!(
                "a live handle was promised that what `{name}` holds is loaded, and {lacking} is not; nothing was changed. \
                 Load it first, or let the session do so: `session.assign(&object, {}::{}, member).await?`",
                owners.def().name,
                name.to_uppercase(),
            ),
        )
        .with_entity(owners.def().name)
        .with_key(owners.print_key(owner.slot))
        .with_attribute(name)
    }
}
