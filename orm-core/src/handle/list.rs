//! A to-many relationship as a detached value stores it: the members that it shows, and what was changed since it was detached.

use std::{fmt, sync::Arc};

use super::{Detached, IntoMember};
use crate::{
    entity::{Entity, IntoKey, KeyType},
    error::{Error, ErrorKind, Result},
    identity::{AnyMember, Sources, Token},
    load::Load,
    relationship::Relation,
    value::{Value, print_values},
};

/// The members of a to-many relationship that a [`Detached`] value holds.
///
/// Cloning shares them. What is changed is remembered beside them, so that `session.merge` writes that and nothing else.
pub struct List<E: Entity, L: Load<E>> {
    members: Arc<Vec<Detached<E, L>>>,
    changes: Option<Arc<ListChanges>>,
}

/// What was changed of a list since it was detached.
#[derive(Clone, Default)]
struct ListChanges {
    left: Vec<Vec<Value>>,
    came: Vec<Came>,
}

/// A member that was added to a detached value's list. It has no row here, so it shows once it is merged.
#[derive(Clone)]
pub(crate) enum Came {
    Object(Token),
    Key(Vec<Value>),
    New(Arc<Sources>),
}

impl<E: Entity, L: Load<E>> List<E, L> {
    pub(crate) fn new(members: Vec<Detached<E, L>>) -> Self {
        Self { members: Arc::new(members), changes: None }
    }

    /// The members that it shows.
    pub(crate) fn members(&self) -> &[Detached<E, L>] {
        &self.members
    }

    pub(crate) fn left(&self) -> &[Vec<Value>] {
        self.changes.as_ref().map_or(&[], |changes| &changes.left)
    }

    pub(crate) fn came(&self) -> &[Came] {
        self.changes.as_ref().map_or(&[], |changes| &changes.came)
    }

    /// The same list of members that are known to hold less.
    pub(crate) fn map<M: Load<E>>(self, narrow: impl FnMut(Detached<E, L>) -> Detached<E, M>) -> List<E, M> {
        List { members: Arc::new(self.members.iter().cloned().map(narrow).collect()), changes: self.changes }
    }

    fn changes_mut(&mut self) -> &mut ListChanges {
        Arc::make_mut(self.changes.get_or_insert_default())
    }

    fn members_mut(&mut self) -> &mut [Detached<E, L>] {
        Arc::<Vec<_>>::make_mut(&mut self.members).as_mut_slice()
    }

    fn add(&mut self, member: AnyMember) {
        let came = match member {
            AnyMember::Object(token) => Came::Object(token),
            AnyMember::Key(key) => {
                let left = self.left().len();
                if left > 0 {
                    self.changes_mut().left.retain(|left| *left != key);
                }
                // Taken out and put back: it is where it was, though it does not show.
                if self.left().len() < left || self.position(&key).is_some() {
                    return;
                }
                Came::Key(key)
            }
            AnyMember::New(transient) => {
                let mut graph = Sources::default();
                graph.add_transient(transient);
                Came::New(Arc::new(graph))
            }
        };
        self.changes_mut().came.push(came);
    }

    /// Whether there was such a member.
    fn remove(&mut self, key: Vec<Value>) -> bool {
        let is_key = |came: &Came| matches!(came, Came::Key(known) if *known == key);
        if self.came().iter().any(is_key) {
            self.changes_mut().came.retain(|came| !is_key(came));
            return true;
        }
        let Some(at) = self.position(&key) else { return false };
        Arc::make_mut(&mut self.members).remove(at);
        self.changes_mut().left.push(key);
        true
    }

    fn clear(&mut self) {
        let keys: Vec<Vec<Value>> = self.members.iter().map(key_of).collect();
        let changes = self.changes_mut();
        changes.came.clear();
        changes.left.extend(keys);
        self.members = Arc::default();
    }

    fn position(&self, key: &[Value]) -> Option<usize> {
        let is_part = |member: &Detached<E, L>, column: &usize, part: &Value| {
            L::row(Detached::owned(member)).row().value(*column).as_ref() == Some(part)
        };
        let is_key =
            |member: &Detached<E, L>| E::DEF.primary_key.iter().zip(key).all(|(at, part)| is_part(member, at, part));
        self.members.iter().position(is_key)
    }
}

fn key_of<E: Entity, L: Load<E>>(member: &Detached<E, L>) -> Vec<Value> {
    L::row(Detached::owned(member)).row().key().to_values()
}

impl<E: Entity, L: Load<E>> Clone for List<E, L> {
    fn clone(&self) -> Self {
        Self { members: Arc::clone(&self.members), changes: self.changes.clone() }
    }
}

impl<E: Entity, L: Load<E>> fmt::Debug for List<E, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.members.fmt(f)
    }
}

#[cfg(feature = "serde")]
impl<E: Entity, L: Load<E>> serde::Serialize for List<E, L> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.members.serialize(serializer)
    }
}

/// A slot of which a detached value holds a list, whole or filtered: such a list can be changed.
#[diagnostic::on_unimplemented(
    message = "a detached value changes only a list that it holds, and it does not hold this one",
    label = "not loaded by the query that produced this value",
    note = "load it with the query: `.selectin(..)`",
    note = "or change it in a session, where nothing need be loaded: `session.merge(value).await?`, and then the same method"
)]
pub trait HoldsList<M: Relation>: crate::load::Slot {
    /// What the members hold.
    type Members: Load<M::Target>;

    #[doc(hidden)]
    fn list_mut(owned: &mut Self::Owned) -> Option<&mut List<M::Target, Self::Members>>;
}

/// Adds a member to the list of a detached value.
///
/// # Errors
/// When the list was not loaded.
#[doc(hidden)]
pub fn add_to_list<M: Relation, P: HoldsList<M>>(
    owned: &mut P::Owned,
    member: impl IntoMember<M::Target>,
) -> Result<()> {
    list::<M, P>(owned)?.add(member.into_member().into_any());
    Ok(())
}

/// Takes a member out of the list of a detached value.
///
/// # Errors
/// When the list was not loaded, or has no such member.
#[doc(hidden)]
pub fn remove_from_list<M: Relation, P: HoldsList<M>>(
    owned: &mut P::Owned,
    key: impl IntoKey<M::Target>,
) -> Result<()> {
    let key = key.into_key().to_values();
    let printed = print_values(&key);
    if list::<M, P>(owned)?.remove(key) {
        return Ok(());
    }
    let why = "not among the members that this value holds, so it cannot be taken out here; nothing was changed";
    Err(Error::new(ErrorKind::State, why)
        .with_entity(<M::Target as Entity>::DEF.name)
        .with_key(printed)
        .with_attribute(M::NAME))
}

/// Takes all members out of the list of a detached value.
///
/// # Errors
/// When the list was not loaded.
#[doc(hidden)]
pub fn clear_list<M: Relation, P: HoldsList<M>>(owned: &mut P::Owned) -> Result<()> {
    list::<M, P>(owned)?.clear();
    Ok(())
}

/// The members of the list of a detached value, to be written to; none where it was not loaded.
#[doc(hidden)]
pub fn members_mut<M: Relation, P: HoldsList<M>>(owned: &mut P::Owned) -> &mut [Detached<M::Target, P::Members>] {
    P::list_mut(owned).map_or(&mut [], List::members_mut)
}

fn list<M: Relation, P: HoldsList<M>>(owned: &mut P::Owned) -> Result<&mut List<M::Target, P::Members>> {
    P::list_mut(owned).ok_or_else(|| {
        Error::new(ErrorKind::State, "not loaded, so this value cannot change it: the query was told not to load it")
            .with_entity(<M::Entity as Entity>::DEF.name)
            .with_attribute(M::NAME)
    })
}
