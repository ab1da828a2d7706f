//! What can be brought over an object of a session: by `merge`, in whatever form a program has it; by `apply`, onto what it names.

use super::{Detached, Pending, Persistent, Transient};
use crate::{
    entity::{Entity, Key, KeyType},
    identity::{Sources, Token},
    load::Load,
    value::Value,
};

/// What `merge` takes: a [`Detached`] value (or a reference to one), a builder or [`Transient`], or [`Changes`](crate::entity::Changes)
/// with a key. `L` is what the handle holds that comes of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be merged as a `{E}`",
    label = "expected a detached value, a builder with every required column set, or changes",
    note = "a part of the columns is `{E}::changes()`, with the key: `session.merge({E}::changes().id(7).name(..)).await?`"
)]
pub trait Mergeable<E: Entity, L: 'static> {
    #[doc(hidden)]
    fn gather_into(self, sources: &mut Sources) -> usize;
}

/// An entity whose handles could be merged: none.
#[diagnostic::on_unimplemented(
    message = "a handle cannot be merged: this `{Self}` is in its session already",
    label = "persistent: expected a detached value, a builder, or changes",
    note = "what is set on a handle is written by the next flush; several columns at once: `session.apply(&handle, changes)?`",
    note = "to bring it into another session, detach it: `other.merge(session.detach(&handle)?).await?`"
)]
pub trait MergesHandles {}

// Without any, rustc proposes to write one.
#[diagnostic::do_not_recommend]
impl MergesHandles for fn() {}

impl<E: Entity, L: Load<E>> Mergeable<E, L> for Detached<E, L> {
    fn gather_into(self, sources: &mut Sources) -> usize {
        sources.add_detached(&self)
    }
}

impl<E: Entity, L: Load<E>> Mergeable<E, L> for &Detached<E, L> {
    fn gather_into(self, sources: &mut Sources) -> usize {
        sources.add_detached(self)
    }
}

impl<E: Entity, L: 'static> Mergeable<E, L> for Transient<E, L> {
    fn gather_into(self, sources: &mut Sources) -> usize {
        sources.add_transient(Box::new(self))
    }
}

/// Never: what it needs does not hold, and says why.
impl<E: Entity, L: 'static> Mergeable<E, L> for Persistent<'_, E, L>
where
    E: MergesHandles,
{
    fn gather_into(self, _: &mut Sources) -> usize {
        unreachable!("orm bug: a handle was merged")
    }
}

/// Never, as above.
impl<E: Entity, L: 'static> Mergeable<E, L> for &Persistent<'_, E, L>
where
    E: MergesHandles,
{
    fn gather_into(self, _: &mut Sources) -> usize {
        unreachable!("orm bug: a handle was merged")
    }
}

/// What `attach` takes: a [`Detached`] value, or a reference to one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be attached as a `{E}`",
    label = "expected a detached value",
    note = "what was never in the database is inserted or merged: `session.insert(..).await?`, `session.merge(..).await?`"
)]
pub trait Attachable<E: Entity, L: Load<E>> {
    #[doc(hidden)]
    fn as_detached(&self) -> &Detached<E, L>;
}

#[diagnostic::do_not_recommend]
impl<E: Entity, L: Load<E>> Attachable<E, L> for Detached<E, L> {
    fn as_detached(&self) -> &Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, L: Load<E>> Attachable<E, L> for &Detached<E, L> {
    fn as_detached(&self) -> &Detached<E, L> {
        self
    }
}

/// The object that changes are applied to.
#[derive(Debug)]
pub struct Target(pub(crate) AnyTarget);

/// One object of a session, or a row.
#[derive(Debug)]
pub(crate) enum AnyTarget {
    Object(Token),
    Key(Vec<Value>),
}

/// What `apply` applies changes to: a handle, a pending object, or a key.
#[diagnostic::on_unimplemented(
    message = "changes of `{E}` do not apply to `{Self}`",
    label = "expected a handle or a key of `{E}`"
)]
pub trait ChangeTarget<E: Entity> {
    #[doc(hidden)]
    fn into_target(self) -> Target;
}

#[diagnostic::do_not_recommend]
impl<E: Entity, L: 'static> ChangeTarget<E> for &Persistent<'_, E, L> {
    fn into_target(self) -> Target {
        Target(AnyTarget::Object(self.src().token()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, L: 'static> ChangeTarget<E> for Persistent<'_, E, L> {
    fn into_target(self) -> Target {
        (&self).into_target()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> ChangeTarget<E> for &Pending<'_, E> {
    fn into_target(self) -> Target {
        Target(AnyTarget::Object(self.src().token()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> ChangeTarget<E> for Key<E> {
    fn into_target(self) -> Target {
        (&self).into_target()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> ChangeTarget<E> for &Key<E> {
    fn into_target(self) -> Target {
        Target(AnyTarget::Key(self.value().to_values()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity<Key = K>, K: KeyType> ChangeTarget<E> for K {
    fn into_target(self) -> Target {
        Target(AnyTarget::Key(self.to_values()))
    }
}
