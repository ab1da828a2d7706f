//! Writing relationships: one edge at a time, both sides at once, refused before anything changes if it would break a promise.

mod edge;
mod keys;
mod one_to_one;
mod pair;
mod parentage;
mod refusal;

pub(crate) use self::keys::{inverse_of, is_one_to_one, key_columns, one_to_one_keys, referenced_columns};
pub(super) use self::pair::PairsOf;
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

    /// Takes `target` away from `owner`'s relationship; nothing happens where it is not its member. A required parent may only be left
    /// by a child that is deleted for it.
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
            RelationKind::BelongsTo => match self.is_parent(work, target, owner, declared) {
                Some(false) => Ok(()),
                Some(true) | None => self.clear_to_one(work, owner, relation),
            },
            RelationKind::HasMany | RelationKind::HasOne => {
                let is_listed = || {
                    let targets = self.store_at(owner).links(owner.slot).and_then(|links| links[relation].targets());
                    targets.is_some_and(|targets| targets.as_slice().contains(&target.slot))
                };
                let edge = Edge {
                    child: target,
                    parent: owner,
                    child_relation: inverse,
                    parent_relation: Some(relation),
                    relation: declared,
                };
                // Somebody else's child stays where it is. Of a row that was not read nothing is known but who lists it.
                if self.is_parent(work, owner, target, declared).unwrap_or_else(is_listed) {
                    self.leave(work, &edge)
                } else {
                    self.unlist_child(&[owner], Some(relation), target);
                    Ok(())
                }
            }
        }
    }

    /// Takes every member away from a relationship.
    pub(crate) fn clear_relation(&self, owner: ObjectRef, relation: usize) -> Result<()> {
        let store = self.store_at(owner);
        let def = store.def();
        let declared = &def.relations[relation];
        if declared.kind == RelationKind::BelongsTo {
            return self.clear_to_one(&mut self.work(), owner, relation);
        }
        let targets = store.links(owner.slot).and_then(|links| links[relation].targets());
        if targets.is_some() {
            let work = &mut *self.work();
            // New ones, which come with the next flush, do not come after all.
            let members = self.known_members(work, owner, relation);
            members.iter().try_for_each(|member| self.check_disconnect(work, owner, relation, *member))?;
            return self.disconnect_all(work, owner, relation, &members);
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

    /// Takes many members away: all of them were checked. The list is written once.
    pub(super) fn disconnect_all(
        &self,
        work: &mut Work,
        owner: ObjectRef,
        relation: usize,
        members: &[ObjectRef],
    ) -> Result<()> {
        let store = self.store_at(owner);
        let declared = &store.def().relations[relation];
        if declared.kind == RelationKind::ManyToMany {
            self.note_write();
            self.disconnect_pairs(work, owner, relation, members);
            return Ok(());
        }
        // Of a row that must be read first nothing is known but that it is listed.
        let is_known = |member: &&ObjectRef| self.is_parent(work, owner, **member, declared).is_some();
        let known = members.iter().filter(is_known).map(|member| member.slot).collect();
        store.link(owner.slot, relation).remove_all(&known, self.epoch());
        members.iter().try_for_each(|member| self.disconnect_in(work, owner, relation, *member))
    }
}
