//! Writing several members at once: all of them checked before anything changes.

use super::{AnyMember, IdentityMap, ObjectRef, Work, inverse_of, key_columns, relate::PairsOf, work::PairChange};
use crate::{
    collections::HashSet,
    error::{Error, ErrorKind, Result},
    load::Shape,
    schema::RelationKind,
    state::{Status, Targets},
};

impl IdentityMap {
    /// Adds members to a to-many: all of them, or none.
    pub(crate) fn extend(&self, owner: ObjectRef, relation: usize, members: Vec<AnyMember>) -> Result<()> {
        let mut added = Vec::new();
        let result = self.extend_with(owner, relation, members, &mut added);
        if result.is_err() {
            self.discard(&added);
        }
        result
    }

    fn extend_with(
        &self,
        owner: ObjectRef,
        relation: usize,
        members: Vec<AnyMember>,
        added: &mut Vec<ObjectRef>,
    ) -> Result<()> {
        let members = self.members(owner, relation, members, added)?;
        let work = &mut *self.work();
        members.iter().try_for_each(|member| self.check_connect(owner, relation, *member))?;
        members.iter().try_for_each(|member| self.connect_in(work, owner, relation, *member))
    }

    /// Makes these the members of a loaded to-many: those that are missing are taken away, those that are new come in. Refused, nothing
    /// changed.
    pub(crate) fn replace(&self, owner: ObjectRef, relation: usize, members: Vec<AnyMember>) -> Result<()> {
        let mut added = Vec::new();
        let result = self.replace_with(owner, relation, members, &mut added);
        if result.is_err() {
            self.discard(&added);
        }
        result
    }

    fn replace_with(
        &self,
        owner: ObjectRef,
        relation: usize,
        members: Vec<AnyMember>,
        added: &mut Vec<ObjectRef>,
    ) -> Result<()> {
        let wanted = self.members(owner, relation, members, added)?;
        let work = &mut *self.work();
        let mut seen = HashSet::new();
        let wanted: Vec<ObjectRef> = wanted.into_iter().filter(|member| seen.insert(*member)).collect();
        let known = self.known_members(work, owner, relation);
        let leaving: Vec<ObjectRef> = known.iter().copied().filter(|member| !seen.contains(member)).collect();
        let known: HashSet<ObjectRef> = known.into_iter().collect();
        let coming = || wanted.iter().filter(|member| !known.contains(*member));
        leaving.iter().try_for_each(|member| self.check_disconnect(work, owner, relation, *member))?;
        coming().try_for_each(|member| self.check_connect(owner, relation, *member))?;

        self.disconnect_all(work, owner, relation, &leaving)?;
        coming().try_for_each(|member| self.connect_in(work, owner, relation, *member))?;
        // New ones show from the flush on.
        let shown = wanted.iter().filter(|member| self.store_at(**member).status(member.slot) == Status::Persistent);
        let shown = shown.map(|member| member.slot).collect();
        self.store_at(owner).link(owner.slot, relation).load(Targets::Many(std::sync::Arc::new(shown)), self.epoch());
        Ok(())
    }

    /// The members as objects; new ones are added to the session, and noted.
    fn members(
        &self,
        owner: ObjectRef,
        relation: usize,
        members: Vec<AnyMember>,
        added: &mut Vec<ObjectRef>,
    ) -> Result<Vec<ObjectRef>> {
        let def = self.store_at(owner).def();
        let declared = &def.relations[relation];
        let target = (declared.target)();
        let store = self.store_of(target);
        let unusable =
            |reason: &str| Error::new(ErrorKind::Value, reason).with_entity(target.name).with_attribute(declared.name);
        let member = |member| match member {
            AnyMember::Object(token) => self.resolve(token),
            AnyMember::New(transient) => {
                let (object, graph) = self.add_tracked(transient)?;
                added.extend(graph);
                Ok(object)
            }
            AnyMember::Key(key) => match store.find(&key).map_err(|error| unusable(error.reason()))? {
                Some(slot) => Ok(Self::object(target, slot)),
                None if declared.kind == RelationKind::ManyToMany => {
                    let slot = store.reserve(&key).map_err(|error| unusable(error.reason()))?;
                    Ok(Self::object(target, slot))
                }
                None => Err(Error::new(
                    ErrorKind::State,
                    "not loaded in this session, and its own row must be written; nothing was changed. Load it first: \
                     `session.get(key).await?`",
                )
                .with_entity(target.name)
                .with_key(crate::value::print_values(&key))),
            },
        };
        members.into_iter().map(member).collect()
    }

    /// What a to-many lists, and the pending objects that come to it with the next flush.
    pub(super) fn known_members(&self, work: &Work, owner: ObjectRef, relation: usize) -> Vec<ObjectRef> {
        let def = self.store_at(owner).def();
        let target = (def.relations[relation].target)();
        let listed = self.store_at(owner).link(owner.slot, relation).targets();
        let mut known: Vec<ObjectRef> = Vec::new();
        known.extend(listed.iter().flat_map(|targets| targets.as_slice()).map(|slot| Self::object(target, *slot)));
        let mut seen: HashSet<ObjectRef> = known.iter().copied().collect();
        let following = work.pending.iter().filter(|child| {
            let follows = work.follows.get(*child).into_iter().flatten();
            follows.into_iter().any(|follow| follow.parent == owner && follow.parent_relation == Some(relation))
        });
        // Given on either side.
        let pairs = PairsOf::relation(def, relation);
        let paired = pairs.iter().flat_map(|pairs| {
            let added = work.pairs.iter().filter(|(_, change)| **change == PairChange::Add);
            added.filter_map(|(pair, _)| pairs.member_of(owner, pair))
        });
        known.extend(following.copied().chain(paired).filter(|member| seen.insert(*member)));
        known
    }

    /// Whether a member may come, as far as promises go.
    pub(super) fn check_connect(&self, owner: ObjectRef, relation: usize, member: ObjectRef) -> Result<()> {
        let def = self.store_at(owner).def();
        self.check_writable(def, &def.relations[relation])?;
        let inverse = inverse_of(def, relation);
        // Once they are linked, the two sides of a foreign key show each other.
        let will_hold = |object, at, other, shape: &Shape| match def.relations[relation].kind {
            RelationKind::ManyToMany => self.holds(object, shape),
            _ => self.will_hold((object, at), other, shape),
        };
        if let Some(shape) = self.promised(owner, Some(relation)) {
            will_hold(member, inverse, (owner, Some(relation)), &shape)
                .map_err(|lacking| self.breaks_promise(owner, Some(relation), member, &lacking))?;
        }
        if let Some(shape) = self.promised(member, inverse) {
            will_hold(owner, Some(relation), (member, inverse), &shape)
                .map_err(|lacking| self.breaks_promise(member, inverse, owner, &lacking))?;
        }
        Ok(())
    }

    /// Whether a member may go.
    pub(super) fn check_disconnect(
        &self,
        work: &Work,
        owner: ObjectRef,
        relation: usize,
        member: ObjectRef,
    ) -> Result<()> {
        let def = self.store_at(owner).def();
        let declared = &def.relations[relation];
        self.check_writable(def, declared)?;
        if declared.kind == RelationKind::ManyToMany
            || declared.delete_orphan
            || self.is_parent(work, owner, member, declared) == Some(false)
        {
            return Ok(());
        }
        let children = self.store_at(member);
        let columns = key_columns(children.def(), declared);
        match columns.iter().all(|column| children.def().columns[*column].nullable) {
            true => Ok(()),
            false => Err(self.needs_parent(member, def)),
        }
    }
}
