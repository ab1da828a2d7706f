//! Writing relationships: one edge at a time, both sides at once, refused before anything changes if it would break a promise.

mod edge;
mod keys;
mod orphan;
mod pair;
mod refusal;

pub(crate) use self::keys::{inverse_of, key_columns, referenced_columns};
use super::{
    IdentityMap, ObjectRef,
    work::{Pair, Work},
};
use crate::{
    error::{Error, ErrorKind, Result},
    schema::{RelationDef, RelationKind},
};

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
                self.disconnect_pair(work, Pair { owner, relation, target }, inverse);
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
        let targets = store.links(owner.slot).and_then(|links| links[relation].targets());
        if declared.kind == RelationKind::BelongsTo {
            // One that shows nothing may be about to follow a new parent.
            return match targets.as_ref().and_then(|targets| targets.as_slice().first()) {
                Some(slot) => self.disconnect(owner, relation, Self::object(target, *slot)),
                None => self.clear_foreign_key(&mut self.work(), owner, relation, declared),
            };
        }
        if targets.is_some() {
            let work = &mut *self.work();
            // New ones, which come with the next flush, do not come after all.
            let members = self.known_members(work, owner, relation);
            members.iter().try_for_each(|member| self.check_disconnect(owner, relation, *member))?;
            return members.iter().try_for_each(|member| self.disconnect_in(work, owner, relation, *member));
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
}
