//! What generated code does with a relationship, asked by its name (`User_posts`) and not by its target: a target that is
//! no entity is then one error, where the relationship is declared.

use super::Relation;
use crate::{
    entity::Entity,
    error::Result,
    handle::{IntoMember, Many, Persistent, Src, Transient},
    schema::{EntityDef, RelationDef, RelationKind},
};

/// A relationship with nothing declared about it but its name, kind and target.
#[must_use]
pub const fn relation<M: Relation>(kind: RelationKind) -> RelationDef {
    RelationDef::new(M::NAME, kind, target::<M>)
}

/// The entity on the other side.
#[must_use]
pub const fn target<M: Relation>() -> &'static EntityDef {
    <M::Target as Entity>::DEF
}

/// Sets a to-one, or adds to a to-many.
///
/// # Errors
/// When the member belongs to another session, or the write would break a promise.
pub fn link<M: Relation>(src: Src<'_, M::Entity>, member: impl IntoMember<M::Target>) -> Result<()> {
    src.link::<M::Target>(M::INDEX, member)
}

/// Adds members to a to-many.
///
/// # Errors
/// When a member belongs to another session, or the write would break a promise.
pub fn extend<M: Relation>(
    src: Src<'_, M::Entity>,
    members: impl IntoIterator<Item = impl IntoMember<M::Target>>,
) -> Result<()> {
    src.extend::<M::Target>(M::INDEX, members)
}

/// Makes these the members of a loaded to-many.
///
/// # Errors
/// When a member belongs to another session, one would be left without a required parent, or the write would break a promise.
pub fn replace<M: Relation>(
    src: Src<'_, M::Entity>,
    members: impl IntoIterator<Item = impl IntoMember<M::Target>>,
) -> Result<()> {
    src.replace::<M::Target>(M::INDEX, members)
}

/// Takes a member out of a to-many.
///
/// # Errors
/// When the object belongs to another session, or would be left without a required parent.
pub fn unlink<M: Relation, L: 'static>(src: Src<'_, M::Entity>, member: &Persistent<'_, M::Target, L>) -> Result<()> {
    src.unlink(M::INDEX, member)
}

/// Links the members of an object that a builder makes.
pub fn link_new<M: Relation, L: 'static>(
    owner: &mut Transient<M::Entity, L>,
    members: impl IntoIterator<Item = impl IntoMember<M::Target>>,
) {
    owner.link(M::INDEX, members.into_iter().map(IntoMember::into_member));
}

/// The members that a filtered or limited hint found.
#[must_use]
pub fn subset<M: Relation, N: 'static>(src: Src<'_, M::Entity>) -> Many<'_, M::Target, N> {
    src.subset(M::INDEX)
}
