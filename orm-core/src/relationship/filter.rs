//! Conditions on the other side of a relationship: EXISTS, or a comparison of the foreign key.

use super::{
    Rel, Relation,
    kind::{ToMany, ToOne},
};
use crate::{
    entity::{Entity, IntoKey, KeyType},
    expr::{Node, Predicate},
    schema::{RelationDef, RelationKind},
};

fn definition<M: Relation>() -> &'static RelationDef {
    &<M::Entity as Entity>::DEF.relations[M::INDEX]
}

/// The other side is the row with this key.
fn is_key<M: Relation>(key: &<M::Target as Entity>::Key) -> Predicate<M::Entity> {
    let relation = definition::<M>();
    let (owner, target) = (<M::Entity as Entity>::DEF, <M::Target as Entity>::DEF);
    let values = key.to_values();
    if relation.kind == RelationKind::BelongsTo && relation.references.is_empty() {
        let columns: Vec<usize> =
            relation.foreign_key.iter().filter_map(|field| owner.column_of_field(field)).collect();
        return Predicate::from_node(Node::key_equals(&columns, values));
    }
    Predicate::related(M::INDEX, Predicate::<M::Target>::from_node(Node::key_equals(target.primary_key, values)))
}

impl<M: Relation<Kind = ToMany>> Rel<M> {
    /// Some member matches: EXISTS.
    pub fn any(self, predicate: Predicate<M::Target>) -> Predicate<M::Entity> {
        Predicate::related(M::INDEX, predicate)
    }

    /// There is a member.
    pub fn any_at_all(self) -> Predicate<M::Entity> {
        Predicate::related(M::INDEX, Predicate::<M::Target>::all_of([]))
    }

    /// This object is a member: `Post::TAGS.contains(&tag)`.
    pub fn contains(self, member: impl IntoKey<M::Target>) -> Predicate<M::Entity> {
        is_key::<M>(&member.into_key())
    }
}

impl<M: Relation<Kind = ToOne<OPTIONAL>>, const OPTIONAL: bool> Rel<M> {
    /// The target matches: EXISTS.
    pub fn has(self, predicate: Predicate<M::Target>) -> Predicate<M::Entity> {
        Predicate::related(M::INDEX, predicate)
    }

    /// The target is this object: a comparison of the foreign key where it is on this side. `Post::AUTHOR.is(&user)`.
    pub fn is(self, target: impl IntoKey<M::Target>) -> Predicate<M::Entity> {
        is_key::<M>(&target.into_key())
    }
}

impl<M: Relation<Kind = ToOne<true>>> Rel<M> {
    /// There is no target.
    pub fn is_none(self) -> Predicate<M::Entity> {
        !Predicate::related(M::INDEX, Predicate::<M::Target>::all_of([]))
    }

    /// There is a target.
    pub fn is_some(self) -> Predicate<M::Entity> {
        Predicate::related(M::INDEX, Predicate::<M::Target>::all_of([]))
    }
}
