//! Edges with a foreign key: a child comes to a parent, or leaves it.

use super::{Edge, key_columns, referenced_columns};
use crate::{
    error::{Error, ErrorKind, Result},
    identity::{
        IdentityMap, ObjectRef,
        relate::inverse_of,
        work::{Follow, Work},
    },
    schema::RelationDef,
    state::{Status, Targets},
    value::{Value, is_null},
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

    /// A child whose unflushed foreign key was taken back is on the side of the parent that it has, and of no other.
    pub(crate) fn list_again(&self, child: ObjectRef, (parent, relation): (ObjectRef, usize)) {
        let (children, parents) = (self.store_at(child), self.store_at(parent));
        let declared = &parents.def().relations[relation];
        let referred = referenced_columns(parents.def(), declared).into_iter();
        let key = key_columns(children.def(), declared).into_iter().zip(referred);
        let value = |column| children.value(child.slot, column).filter(|value| !is_null(value));
        let is_parent = key.map(|(column, referred)| (value(column), parents.value(parent.slot, referred)));
        let is_parent = is_parent.into_iter().all(|(mine, theirs)| mine.is_some() && mine == theirs);
        let link = parents.link(parent.slot, relation);
        if !is_parent {
            link.remove(child.slot, self.epoch());
        } else if link.promise().is_none_or(|promise| self.holds(child, &promise).is_ok()) {
            self.list_child(parent, relation, child);
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
    pub(in crate::identity) fn stay_with_parent(&self, child: ObjectRef, follow: &Follow) {
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

    /// Clears a to-one whose target is not loaded: its foreign key becomes NULL.
    pub(super) fn clear_foreign_key(
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

    pub(super) fn leave(&self, work: &mut Work, edge: &Edge) -> Result<()> {
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
}
