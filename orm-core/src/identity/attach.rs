//! Bringing new objects in: a graph of transients becomes pending objects, all of them or none.

use std::collections::VecDeque;

use super::{IdentityMap, ObjectRef, Work, inverse_of, key_columns};
use crate::{
    error::{Error, ErrorKind, Result},
    schema::{EntityDef, RelationDef, RelationKind},
    value::{ComparableKey, Value, print_values},
};

/// An object of a session, named without borrowing it; checked when it is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) map: u64,
    pub(crate) object: ObjectRef,
}

/// A member of a relationship, whatever its entity: an object of the session, a key, or a new object.
pub(crate) enum AnyMember {
    /// An object that a session holds.
    Object(Token),
    /// The key of a row.
    Key(Vec<Value>),
    /// An object that no session holds yet.
    New(Box<dyn AnyTransient>),
}

/// A [`Transient`](crate::handle::Transient) whose entity is known by its definition only.
pub(crate) trait AnyTransient: Send {
    /// Puts the draft into the store of its entity and gives back what it is to be linked to.
    fn attach(self: Box<Self>, map: &IdentityMap) -> (ObjectRef, Vec<(usize, Vec<AnyMember>)>);

    /// Its entity, the columns that are set (no defaults), and what it is to be linked to.
    fn into_source(self: Box<Self>) -> (&'static EntityDef, Vec<(usize, Value)>, Vec<(usize, Vec<AnyMember>)>);

    /// Moves what it is to be linked to out of it: for dropping a deep graph without recursion.
    fn take_members(&mut self, into: &mut Vec<AnyMember>);
}

impl IdentityMap {
    /// Adds a new object and everything new that it is linked to. When any part is refused, nothing was added.
    pub(crate) fn add(&self, transient: Box<dyn AnyTransient>) -> Result<ObjectRef> {
        self.add_tracked(transient).map(|(object, _)| object)
    }

    /// As [`add`](Self::add), and everything that came with it: what [`discard`](Self::discard) takes back.
    pub(crate) fn add_tracked(&self, transient: Box<dyn AnyTransient>) -> Result<(ObjectRef, Vec<ObjectRef>)> {
        let mut added = Vec::new();
        match self.add_graph(transient, &mut added) {
            Ok(object) => Ok((object, added)),
            Err(error) => {
                self.discard(&added);
                Err(error)
            }
        }
    }

    fn add_graph(&self, transient: Box<dyn AnyTransient>, added: &mut Vec<ObjectRef>) -> Result<ObjectRef> {
        let mut edges = VecDeque::new();
        let root = self.add_one(transient, added, &mut edges)?;
        while let Some((owner, relation, member)) = edges.pop_front() {
            let def = self.store_at(owner).def();
            match member {
                AnyMember::New(transient) => {
                    let target = self.add_one(transient, added, &mut edges)?;
                    self.connect(owner, relation, target)?;
                }
                member => self.connect_member(def, owner, relation, member)?,
            }
        }
        Ok(root)
    }

    fn add_one(
        &self,
        transient: Box<dyn AnyTransient>,
        added: &mut Vec<ObjectRef>,
        edges: &mut VecDeque<(ObjectRef, usize, AnyMember)>,
    ) -> Result<ObjectRef> {
        let (object, links) = transient.attach(self);
        added.push(object);
        let mut work = self.work();
        self.check_identity(&mut work, object)?;
        work.pending.insert(object);
        for (relation, members) in links {
            edges.extend(members.into_iter().map(|member| (object, relation, member)));
        }
        Ok(object)
    }

    /// A key names one object: a second one is refused at once.
    pub(super) fn check_identity(&self, work: &mut Work, object: ObjectRef) -> Result<()> {
        let store = self.store_at(object);
        let Some(key) = store.key(object.slot) else { return Ok(()) };
        let taken = match store.find(&key) {
            Ok(found) => found.is_some(),
            Err(error) => return Err(Error::new(ErrorKind::Value, error.reason()).with_entity(store.def().name)),
        };
        let twice = ComparableKey::of(&key)
            .and_then(|key| work.pending_keys.insert((object.entity, key), object))
            .is_some_and(|other| work.pending.contains(&other) && !work.is_orphan(other));
        if taken || twice {
            return Err(Error::new(
                ErrorKind::IdentityConflict,
                "the session holds an object with this key already; nothing was added. To change that object, `get` it; \
                 to write one over the other, `merge`",
            )
            .with_entity(store.def().name)
            .with_key(print_values(&key)));
        }
        Ok(())
    }

    /// Links an object to a member that is not new.
    pub(crate) fn connect_member(
        &self,
        def: &'static EntityDef,
        owner: ObjectRef,
        relation: usize,
        member: AnyMember,
    ) -> Result<()> {
        match member {
            AnyMember::Object(token) => {
                let target = self.resolve(token)?;
                self.connect(owner, relation, target)
            }
            AnyMember::New(transient) => {
                let mut added = Vec::new();
                let linked = self.add_graph(transient, &mut added).and_then(|new| self.connect(owner, relation, new));
                if linked.is_err() {
                    self.discard(&added);
                }
                linked
            }
            AnyMember::Key(key) => {
                let target = (def.relations[relation].target)();
                match self.store_of(target).find(&key) {
                    Ok(Some(slot)) => self.connect(owner, relation, Self::object(target, slot)),
                    Ok(None) => self.connect_key(owner, relation, &key),
                    Err(error) => Err(Error::new(ErrorKind::Value, error.reason()).with_entity(target.name)),
                }
            }
        }
    }

    /// Links an object to a row that the session does not hold.
    fn connect_key(&self, owner: ObjectRef, relation: usize, key: &[Value]) -> Result<()> {
        let work = &mut *self.work();
        self.connect_key_in(work, owner, relation, key)
    }

    pub(super) fn connect_key_in(
        &self,
        work: &mut Work,
        owner: ObjectRef,
        relation: usize,
        key: &[Value],
    ) -> Result<()> {
        let store = self.store_at(owner);
        let def = store.def();
        let declared = &def.relations[relation];
        let target = (declared.target)();
        let unloaded = |what: String| {
            Error::new(ErrorKind::State, what)
                .with_entity(def.name)
                .with_attribute(declared.name)
                .with_key(store.print_key(owner.slot))
        };
        match declared.kind {
            RelationKind::ManyToMany => {
                let slot = self.store_of(target).reserve(key).map_err(|error| unloaded(error.reason().to_owned()))?;
                self.connect_in(work, owner, relation, Self::object(target, slot))
            }
            RelationKind::BelongsTo if declared.references.is_empty() => {
                self.set_foreign_key(work, owner, relation, key)
            }
            _ => Err(unloaded(format!(
                "{}[{}] is not loaded in this session, and its own row must be written; load it first: `session.get(key).await?`",
                target.name,
                print_values(key)
            ))),
        }
    }

    /// Sets a foreign key whose target the session does not hold.
    pub(super) fn set_foreign_key(
        &self,
        work: &mut Work,
        owner: ObjectRef,
        relation: usize,
        key: &[Value],
    ) -> Result<()> {
        let store = self.store_at(owner);
        let def = store.def();
        let declared = &def.relations[relation];
        if self.shows_what_was_promised(owner, relation) {
            return Err(self.breaks_promise_by_key(owner, declared, key));
        }
        let replaced = self.replaced_by_key(work, owner, relation, key)?;
        let inverse = inverse_of(def, relation);
        let former = self.showing_parents(work, owner, Some(relation), (declared.target)(), declared);
        for (column, value) in key_columns(def, declared).into_iter().zip(key) {
            store.set_value(owner.slot, column, value).map_err(|error| {
                Error::new(ErrorKind::State, error.reason())
                    .with_entity(def.name)
                    .with_attribute(declared.name)
                    .with_key(store.print_key(owner.slot))
            })?;
        }
        work.unfollow(owner, declared.foreign_key);
        work.give_back(owner, declared.foreign_key);
        self.unlist_child(&former, inverse, owner);
        if let Some(links) = store.links(owner.slot) {
            links[relation].unload_unseen();
        }
        work.touch(store, owner);
        // The row that has its key now must let go: the flush looks for it.
        replaced.map_or(Ok(()), |replaced| self.replace_by_key(work, &replaced))
    }

    /// The object behind a token, if it is this session's.
    pub(crate) fn resolve(&self, token: Token) -> Result<ObjectRef> {
        if token.map == self.id() {
            return Ok(token.object);
        }
        Err(Error::new(
            ErrorKind::NotInSession,
            "the object belongs to another session, or this one has let go of it; give its key instead: `Key::of(&object)`",
        ))
    }

    /// Whether a live handle shows the other side of a relationship.
    pub(super) fn shows_what_was_promised(&self, owner: ObjectRef, relation: usize) -> bool {
        let links = self.store_at(owner).links(owner.slot);
        links.is_some_and(|links| links[relation].is_loaded()) && self.promised(owner, Some(relation)).is_some()
    }

    /// A key whose row is not loaded cannot keep what was promised of the target.
    pub(super) fn breaks_promise_by_key(
        &self,
        owner: ObjectRef,
        declared: &'static RelationDef,
        key: &[Value],
    ) -> Error {
        let store = self.store_at(owner);
        let (def, target) = (store.def(), (declared.target)());
        Error::new(
            ErrorKind::BreaksPromise,
            format!(
                "a live handle was promised `{name}`, and {}[{}] is not loaded in this session; nothing was changed. Let the \
                 session load it: `session.assign(&object, {}::{}, key).await?`",
                target.name,
                print_values(key),
                def.name,
                declared.name.to_uppercase(),
                name = declared.name,
            ),
        )
        .with_entity(def.name)
        .with_attribute(declared.name)
        .with_key(store.print_key(owner.slot))
    }
}
