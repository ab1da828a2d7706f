//! What generated code calls, beside the public types: small, so that expansions stay thin. Not part of the public interface.

use crate::{
    entity::Entity,
    handle::Stored,
    load::{Loaded, Named, PutSlot},
    relationship::{Attribute, BareKind, Relation},
    schema::{EntityDef, RelationKind},
    value::{DecodeError, Value},
};

pub use orm_derive::loaded_type;

#[cfg(feature = "sqlite")]
pub use crate::database::profile_sqlite;

#[cfg(feature = "serde")]
pub use crate::entity::{
    ReadChanges, ReadWith, read_column, read_column_with, read_value, read_value_with, refuse_column,
};
#[cfg(feature = "serde")]
pub use crate::handle::{ReadDeferred, ReadDetached, ReadSlot, read_row};

pub use crate::{
    entity::{ReadsChanges, change_target},
    handle::{add_to_list, clear_list, members_mut, remove_from_list},
    relationship::by_name::{extend, link, link_new, relation, replace, subset, target, unlink},
    state::new_store,
};

/// The relationship or deferred column of `E` that is spelled `N`.
pub type AttributeOf<E, N> = <E as Named<N>>::Attribute;

/// The entity on the other side of the relationship of `E` that is spelled `N`.
pub type TargetOf<E, N> = <AttributeOf<E, N> as Relation>::Target;

/// What the members of that relationship hold when nothing is said of them.
pub type BareNested<E, N> = <<AttributeOf<E, N> as Attribute>::Kind as BareKind<AttributeOf<E, N>>>::Nested;

/// The load state `S` of `E` with what is spelled `N` loaded as well, its members holding `M`.
pub type WithLoaded<S, E, N, M> = <S as PutSlot<AttributeOf<E, N>, Loaded<AttributeOf<E, N>, M>>>::Output;

/// A column position that the entity does not have.
///
/// # Errors
/// Always.
pub fn no_column(entity: &str, column: usize) -> Result<Value, DecodeError> {
    Err(DecodeError::new(format!("{entity} has no column {column}")))
}

/// What a detached value's type says it holds.
#[must_use]
pub fn held<T: Stored>(stored: Option<&T>) -> T::Read<'_> {
    match stored {
        Some(stored) => stored.read(),
        None => unreachable!("orm bug: a detached value does not hold what its type says"),
    }
}

/// Whether there is a value for each column of a key.
///
/// # Errors
/// When there are more or fewer.
pub fn key_parts(values: &[Value], count: usize) -> Result<(), DecodeError> {
    if values.len() == count {
        return Ok(());
    }
    Err(DecodeError::new(format!("a key of {count} columns, got {} values", values.len())))
}

/// Whether an entity has a column field of this name: for checks while the user's crate is compiled.
#[must_use]
pub const fn has_column(def: &EntityDef, field: &str) -> bool {
    let mut at = 0;
    while at < def.columns.len() {
        if same_text(def.columns[at].field, field) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether an entity has a relationship of this name.
#[must_use]
pub const fn has_relation(def: &EntityDef, field: &str) -> bool {
    relation_at(def, field).is_some()
}

/// Whether two relationships can be the two sides of one: opposite kinds over one foreign key, or both many-to-many.
#[must_use]
pub const fn are_inverse(here: &EntityDef, relation: &str, there: &EntityDef, other: &str) -> bool {
    let (Some(a), Some(b)) = (relation_at(here, relation), relation_at(there, other)) else { return false };
    let (a, b) = (&here.relations[a], &there.relations[b]);
    match (a.kind, b.kind) {
        (RelationKind::ManyToMany, RelationKind::ManyToMany) => true,
        (RelationKind::BelongsTo, RelationKind::HasMany | RelationKind::HasOne)
        | (RelationKind::HasMany | RelationKind::HasOne, RelationKind::BelongsTo) => {
            same_texts(a.foreign_key, b.foreign_key)
        }
        _ => false,
    }
}

/// Whether an entity has a `BelongsTo` over this foreign key.
#[must_use]
pub const fn declares_foreign_key(def: &EntityDef, foreign_key: &[&str]) -> bool {
    let mut at = 0;
    while at < def.relations.len() {
        let relation = &def.relations[at];
        if matches!(relation.kind, RelationKind::BelongsTo) && same_texts(relation.foreign_key, foreign_key) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether a foreign key's columns have the types of what they refer to (`references` empty: the primary key).
#[must_use]
pub const fn foreign_key_fits(
    holder: &EntityDef,
    foreign_key: &[&str],
    referred: &EntityDef,
    references: &[&str],
) -> bool {
    let count = if references.is_empty() { referred.primary_key.len() } else { references.len() };
    if foreign_key.len() != count {
        return false;
    }
    let mut at = 0;
    while at < count {
        let Some(here) = column_at(holder, foreign_key[at]) else { return false };
        let there =
            if references.is_empty() { Some(referred.primary_key[at]) } else { column_at(referred, references[at]) };
        let Some(there) = there else { return false };
        if !holder.columns[here].sql_type.same(referred.columns[there].sql_type) {
            return false;
        }
        at += 1;
    }
    true
}

const fn column_at(def: &EntityDef, field: &str) -> Option<usize> {
    let mut at = 0;
    while at < def.columns.len() {
        if same_text(def.columns[at].field, field) {
            return Some(at);
        }
        at += 1;
    }
    None
}

const fn relation_at(def: &EntityDef, field: &str) -> Option<usize> {
    let mut at = 0;
    while at < def.relations.len() {
        if same_text(def.relations[at].name, field) {
            return Some(at);
        }
        at += 1;
    }
    None
}

const fn same_texts(a: &[&str], b: &[&str]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if !same_text(a[at], b[at]) {
            return false;
        }
        at += 1;
    }
    true
}

const fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// What it is given, where the feature `serde` is on.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_serde {
    ($($tokens:tt)*) => { $($tokens)* };
}

/// Nothing: the feature `serde` is off.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_serde {
    ($($tokens:tt)*) => {};
}

pub use crate::__if_serde as if_serde;
#[cfg(feature = "serde")]
pub use serde;

/// Why a detached value's relationship or deferred column cannot be read.
#[must_use]
pub fn not_loaded_detached<E: Entity>(row: &E, attribute: &'static str) -> crate::error::StateError {
    crate::error::StateError::NotLoaded {
        entity: E::DEF.name,
        key: format!("{:?}", row.key()),
        attribute: Some(attribute),
        cause: crate::error::StateCause::NeverLoaded,
    }
}

/// The entities of a `create_all`: `schema![User, Post]`.
#[macro_export]
macro_rules! schema {
    ($($entity:ty),* $(,)?) => {
        &[$(<$entity as $crate::entity::Entity>::DEF),*]
    };
}

/// A load state by what it holds, in any order: `loaded!(User { posts { author }, profile })`.
#[macro_export]
macro_rules! loaded {
    ($($state:tt)*) => {
        $crate::__private::loaded_type! { $crate; $($state)* }
    };
}

/// Why a deferred column cannot be read.
#[must_use]
pub fn deferred_not_loaded<E: Entity>(row: &E, attribute: &'static str) -> crate::error::StateError {
    crate::error::StateError::NotLoaded {
        entity: E::DEF.name,
        key: format!("{:?}", row.key()),
        attribute: Some(attribute),
        cause: crate::error::StateCause::Deferred,
    }
}
