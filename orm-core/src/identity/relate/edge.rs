//! Edges with a foreign key: a child comes to a parent, or leaves it.

use super::{Edge, key_columns, referenced_columns};
use crate::{
    error::{Error, ErrorKind, Result},
    identity::{
        IdentityMap, ObjectRef,
        relate::inverse_of,
        work::{Follow, TakenAway, Work},
    },
    schema::RelationDef,
    state::{Mark, Status, Targets},
    value::{Value, null_of},
};

impl IdentityMap {
    pub(super) fn connect_edge(&self, work: &mut Work, edge: &Edge) -> Result<()> {
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
        let replaced = self.replaced_by(work, edge)?;
        let children = self.store_at(child);
        let parents = self.store_at(parent);
        let mut former = self.showing_parents(work, child, child_relation, parents.def(), relation);
        former.retain(|former| *former != parent);
        let was_child = self.is_parent(work, parent, child, relation) == Some(true);

        let columns = key_columns(children.def(), relation);
        let referred = referenced_columns(parents.def(), relation);
        let parent_status = parents.status(parent.slot);
        let key: Option<Vec<Value>> = match parent_status {
            Status::Pending => None,
            _ => referred.iter().map(|column| self.referred_value(parent, *column)).collect(),
        };
        let follow = Follow {
            columns: relation.foreign_key,
            references: relation.references,
            child_relation,
            parent_relation,
            parent,
            order: 0,
        };
        match key {
            Some(key) => {
                self.write_key(child, &columns, &key)?;
                work.unfollow(child, relation.foreign_key);
                work.give_back(child, relation.foreign_key);
                if let Some(relation) = child_relation {
                    match parent_status {
                        Status::Persistent => {
                            let shown = Targets::One(Some(parent.slot));
                            children.link(child.slot, relation).load(shown, self.epoch());
                        }
                        _ => children.link(child.slot, relation).unload_unseen(),
                    }
                }
            }
            None => {
                children.set_mark(child.slot, Mark::Relinked);
                work.follow(child, follow);
            }
        }
        self.unlist_child(&former, parent_relation, child);
        work.touch(children, child);
        self.replace_former(work, edge, &replaced, was_child)?;

        // A pending child shows on the parent's side from the flush on: until then it has no row to show.
        if children.status(child.slot) == Status::Persistent {
            if let Some(relation) = parent_relation {
                self.list_child(parent, relation, child);
            }
        } else if parent_relation.is_some() && parent_status != Status::Pending {
            work.follow(child, follow);
        }
        if let Some(shape) = below_child {
            self.promise(parent, &shape);
        }
        if let Some(shape) = below_parent {
            self.promise(child, &shape);
        }
        Ok(())
    }

    /// Sets the columns of a foreign key.
    fn write_key(&self, child: ObjectRef, columns: &[usize], key: &[Value]) -> Result<()> {
        let store = self.store_at(child);
        for (column, value) in columns.iter().zip(key) {
            store.set_value(child.slot, *column, value).map_err(|error| {
                Error::new(ErrorKind::Value, error.reason())
                    .with_entity(store.def().name)
                    .with_attribute(store.def().columns[*column].field)
            })?;
        }
        Ok(())
    }

    /// Shows a child on its parent's side, where that side is loaded.
    pub(crate) fn list_child(&self, parent: ObjectRef, relation: usize, child: ObjectRef) {
        let store = self.store_at(parent);
        let link = store.link(parent.slot, relation);
        if store.def().relations[relation].kind.is_many() {
            link.append(child.slot, self.epoch());
        } else {
            link.show(child.slot, self.epoch());
        }
    }

    /// A child whose unflushed foreign key was taken back is on the side of the parent that it has, and of no other.
    pub(crate) fn list_again(&self, work: &Work, child: ObjectRef, (parent, relation): (ObjectRef, usize)) {
        let parents = self.store_at(parent);
        let declared = &parents.def().relations[relation];
        let link = parents.link(parent.slot, relation);
        if self.is_parent(work, parent, child, declared) != Some(true) {
            link.remove(child.slot, self.epoch());
        } else if link.promise().is_none_or(|promise| self.holds(child, &promise).is_ok()) {
            self.list_child(parent, relation, child);
        }
    }

    /// What the program did to a foreign key is dropped: it follows nobody, was not taken away, and takes nobody's place.
    pub(crate) fn take_back_parent(&self, work: &mut Work, child: ObjectRef, relation: &RelationDef) {
        work.unfollow(child, relation.foreign_key);
        work.give_back(child, relation.foreign_key);
        work.one_to_one.retain(|(parent, at), newest| {
            newest.child != child || self.store_at(*parent).def().relations[*at].foreign_key != relation.foreign_key
        });
    }

    /// A child that is not to follow a new parent after all shows again on the side of the one that it still has.
    pub(in crate::identity) fn stay_with_parent(&self, work: &Work, child: ObjectRef, follow: &Follow) {
        let Some(at) = follow.parent_relation else { return };
        let parent_def = self.store_at(follow.parent).def();
        if self.store_at(child).status(child.slot) != Status::Persistent {
            return;
        }
        for parent in self.showing_parents(work, child, follow.child_relation, parent_def, &parent_def.relations[at]) {
            if self.is_parent(work, parent, child, &parent_def.relations[at]) == Some(true) {
                self.list_child(parent, at, child);
            }
        }
    }

    /// A child whose row has no parent any more: it shows none, and its former parent does not list it.
    pub(crate) fn leave_parent(&self, child: ObjectRef, relation: usize) {
        let work = &mut *self.work();
        let children = self.store_at(child);
        let def = children.def();
        let declared = &def.relations[relation];
        let former = self.showing_parents(work, child, Some(relation), (declared.target)(), declared);
        self.unlist_child(&former, inverse_of(def, relation), child);
        let link = children.link(child.slot, relation);
        if link.is_loaded() {
            link.load(Targets::One(None), self.epoch());
        }
    }

    /// A to-one has no target any more: its foreign key becomes NULL; where orphans are deleted, the object was taken away.
    pub(in crate::identity) fn clear_to_one(&self, work: &mut Work, child: ObjectRef, relation: usize) -> Result<()> {
        let store = self.store_at(child);
        let def = store.def();
        let declared = &def.relations[relation];
        self.check_writable(def, declared)?;
        let parent_def = (declared.target)();
        let inverse = inverse_of(def, relation);
        let former = self.showing_parents(work, child, Some(relation), parent_def, declared);
        if let Some(at) = inverse.filter(|at| parent_def.relations[*at].delete_orphan) {
            if self.has_no_parent(work, child, declared) {
                return Ok(());
            }
            self.note_write();
            let taken = TakenAway { columns: declared.foreign_key, parent: former.first().copied(), relation: at };
            self.store_at(child).set_mark(child.slot, Mark::Relinked);
            work.take_away(child, taken);
            self.unlist_child(&former, inverse, child);
            return Ok(());
        }
        let columns = key_columns(def, declared);
        if !columns.iter().all(|column| def.columns[*column].nullable) {
            return Err(Error::new(
                ErrorKind::MissingParent,
                "the foreign key is NOT NULL: give it another target instead, or delete the object",
            )
            .with_entity(def.name)
            .with_key(store.print_key(child.slot))
            .with_attribute(declared.name));
        }
        self.note_write();
        self.write_null(work, child, declared, Some(relation))?;
        self.unlist_child(&former, inverse, child);
        Ok(())
    }

    /// A child leaves the parent that it has.
    pub(super) fn leave(&self, work: &mut Work, edge: &Edge) -> Result<()> {
        let &Edge { child, parent, child_relation, parent_relation, relation } = edge;
        let parents = self.store_at(parent);
        let orphans_go = parent_relation.filter(|at| parents.def().relations[*at].delete_orphan);
        if let Some(at) = orphans_go {
            self.store_at(child).set_mark(child.slot, Mark::Relinked);
            work.take_away(child, TakenAway { columns: relation.foreign_key, parent: Some(parent), relation: at });
        } else {
            let children = self.store_at(child);
            let columns = key_columns(children.def(), relation);
            if !columns.iter().all(|column| children.def().columns[*column].nullable) {
                return Err(self.needs_parent(child, parents.def()));
            }
            self.write_null(work, child, relation, child_relation)?;
        }
        self.unlist_child(&[parent], parent_relation, child);
        Ok(())
    }

    /// A foreign key becomes NULL, and the child shows no parent.
    fn write_null(
        &self,
        work: &mut Work,
        child: ObjectRef,
        relation: &RelationDef,
        child_relation: Option<usize>,
    ) -> Result<()> {
        let store = self.store_at(child);
        let columns = key_columns(store.def(), relation);
        let nulls: Vec<Value> = columns.iter().map(|column| null_of(store.def().columns[*column].sql_type)).collect();
        self.write_key(child, &columns, &nulls)?;
        work.unfollow(child, relation.foreign_key);
        work.give_back(child, relation.foreign_key);
        if let Some(at) = child_relation {
            store.link(child.slot, at).load(Targets::One(None), self.epoch());
        }
        work.touch(store, child);
        Ok(())
    }
}
