//! Detached values out of JSON and the like: what `Serialize` wrote, with its load state in the type.

use std::sync::Arc;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess},
};

use super::{Detached, List, OwnedRow};
use crate::{
    entity::{Draft, Entity},
    load::{Load, Loaded, Maybe, Slot, Subset, Unloaded},
    relationship::{Attribute, DeferredKind, Kind, Relation},
    value::null_of,
};

/// An entity whose detached values are deserialized: one that says `#[orm(deserialize)]`. Made by the derive.
#[diagnostic::on_unimplemented(
    message = "detached values of `{Self}` are not deserialized",
    label = "`{Self}` does not say that its detached values are deserialized",
    note = "for a cache, ask for it on the struct: `#[orm(table = \"..\", deserialize)]`",
    note = "the body of a PATCH is `Patch<{Self}>`"
)]
pub trait ReadDetached<'de, L: Load<Self>>: Entity {
    #[doc(hidden)]
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<L::Owned, D::Error>;
}

/// What a detached value stores, read as it was written.
///
/// Not `Deserialize`: a value that anybody can send is no detached value ([`Cached`](super::Cached)).
pub trait ReadStored<'de>: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// When it is not what the type says.
    fn read_stored<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

impl<'de, E: ReadDetached<'de, L>, L: Load<E>> ReadStored<'de> for Detached<E, L> {
    fn read_stored<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        E::read(deserializer).map(Self::from_owned)
    }
}

impl<'de, E: ReadDetached<'de, L>, L: Load<E>> ReadStored<'de> for List<E, L> {
    fn read_stored<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Vec::<Read<Detached<E, L>>>::deserialize(deserializer)?;
        Ok(Self::new(members.into_iter().map(|Read(member)| member).collect()))
    }
}

impl<'de, T: ReadStored<'de>> ReadStored<'de> for Arc<T> {
    fn read_stored<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read_stored(deserializer).map(Self::new)
    }
}

impl<'de, T: ReadStored<'de>> ReadStored<'de> for Option<T> {
    fn read_stored<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Read<T>>::deserialize(deserializer)?.map(|Read(stored)| stored))
    }
}

struct Read<T>(T);

impl<'de, T: ReadStored<'de>> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read_stored(deserializer).map(Self)
    }
}

/// How the slot of a relationship is read.
pub trait ReadSlot<'de>: Slot {
    /// What is stored, where the field is there.
    ///
    /// # Errors
    /// When it is not what the type says.
    fn read<A: MapAccess<'de>>(map: &mut A) -> Result<Self::Owned, A::Error>;

    /// What is stored where the field is not there; none where the type says that it is.
    fn missing() -> Option<Self::Owned>;
}

impl<'de, M: Attribute> ReadSlot<'de> for Unloaded<M> {
    fn read<A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
        map.next_value::<IgnoredAny>().map(drop)
    }

    fn missing() -> Option<()> {
        Some(())
    }
}

impl<'de, M: Relation, N: 'static> ReadSlot<'de> for Loaded<M, N>
where
    M::Kind: Kind<M, N>,
    <M::Kind as Kind<M, N>>::Owned: ReadStored<'de>,
{
    fn read<A: MapAccess<'de>>(map: &mut A) -> Result<Self::Owned, A::Error> {
        map.next_value().map(|Read(stored)| stored)
    }

    fn missing() -> Option<Self::Owned> {
        None
    }
}

impl<'de, M: Relation, N: Load<M::Target>> ReadSlot<'de> for Subset<M, N>
where
    M::Target: ReadDetached<'de, N>,
{
    fn read<A: MapAccess<'de>>(map: &mut A) -> Result<Self::Owned, A::Error> {
        map.next_value().map(|Read(stored)| stored)
    }

    fn missing() -> Option<Self::Owned> {
        None
    }
}

impl<'de, M: Relation, N: Load<M::Target>> ReadSlot<'de> for Maybe<M, N>
where
    M::Kind: Kind<M, N>,
    <M::Kind as Kind<M, N>>::Owned: ReadStored<'de>,
{
    fn read<A: MapAccess<'de>>(map: &mut A) -> Result<Self::Owned, A::Error> {
        map.next_value().map(|Read(stored)| Some(stored))
    }

    fn missing() -> Option<Self::Owned> {
        Some(None)
    }
}

/// How the slot of a deferred column is read, whose value is in the row.
pub trait ReadDeferred: Slot {
    /// What is stored, given the value that was read, if any was.
    fn stored<T>(value: Option<&T>) -> Option<Self::Owned>;
}

impl<M: Attribute> ReadDeferred for Unloaded<M> {
    fn stored<T>(_: Option<&T>) -> Option<()> {
        Some(())
    }
}

impl<M: Attribute<Kind = DeferredKind>> ReadDeferred for Loaded<M, ()> {
    fn stored<T>(value: Option<&T>) -> Option<()> {
        value.map(drop)
    }
}

/// The row out of what was read. A nullable column that is absent is NULL.
///
/// # Errors
/// When a column is absent that a row cannot be without.
pub fn read_row<E: Entity, X: Error>(mut draft: E::Draft) -> Result<OwnedRow<E>, X> {
    for (column, definition) in E::DEF.columns.iter().enumerate() {
        if definition.nullable && !definition.deferred && draft.value(column).is_none() {
            draft.set_value(column, &null_of(definition.sql_type)).map_err(X::custom)?;
        }
    }
    match draft.finish() {
        Ok(row) => Ok(OwnedRow::new(Arc::new(row))),
        Err(column) => Err(X::missing_field(E::DEF.columns[column].field)),
    }
}
