//! Changes out of JSON and the like: a field that is absent stays as it is, `null` is NULL.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};

use super::{ChangeSet, Entity};
use crate::{
    entity::Field,
    schema::{ColumnDef, Generation},
    value::{Value, null_of},
};

/// How the fields of an entity's changes are read. Made by the derive.
pub trait ReadChanges<'de>: Entity {
    /// The names that are known.
    const FIELDS: &'static [&'static str];

    /// What happens to others: they are passed over, as serde does, or refused (`#[serde(deny_unknown_fields)]`).
    const REFUSES_UNKNOWN: bool;

    /// Reads the value of this name; gives it back unread where the name is not known.
    ///
    /// # Errors
    /// When the value is not one of the column.
    fn read<A: MapAccess<'de>>(name: &str, map: &mut A, changes: &mut ChangeSet<Self>) -> Result<bool, A::Error>;
}

/// Reads changes.
///
/// # Errors
/// When it is no map, or a value is not one of its column; names the field.
pub fn read_changes<'de, E: ReadChanges<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<ChangeSet<E>, D::Error> {
    deserializer.deserialize_map(OfEntity(PhantomData))
}

struct OfEntity<E>(PhantomData<fn() -> E>);

impl<'de, E: ReadChanges<'de>> Visitor<'de> for OfEntity<E> {
    type Value = ChangeSet<E>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "changes of `{}`", E::DEF.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ChangeSet<E>, A::Error> {
        let mut changes = ChangeSet::default();
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if E::read(&name, &mut map, &mut changes)? {
                continue;
            }
            if E::REFUSES_UNKNOWN {
                return Err(A::Error::unknown_field(&name, E::FIELDS));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(changes)
    }
}

/// Reads a column of changes by its type's own `Deserialize`. What makes it a value to bind is given, so that a type that is no column is
/// said where the field is declared and not again here.
///
/// # Errors
/// When the value is not one of the column.
pub fn read_column<'de, E: Entity, T: Deserialize<'de>, A: MapAccess<'de>>(
    map: &mut A,
    column: usize,
    changes: &mut ChangeSet<E>,
    bound: fn(&T) -> Value,
) -> Result<bool, A::Error> {
    // A key whose type the derive cannot see through is the database's all the same.
    if E::DEF.columns[column].generation == Generation::Database {
        return refuse_column::<E, _>(column);
    }
    take(read_value::<E, T, A>(map, column)?.as_ref().map(bound), column, changes)
}

/// Reads a column of changes by a function of the program's: `#[serde(with = "..")]`.
///
/// # Errors
/// When the value is not one of the column.
pub fn read_column_with<'de, E: Entity, T: Field, A: MapAccess<'de>, R: ReadWith<'de, T>>(
    map: &mut A,
    column: usize,
    changes: &mut ChangeSet<E>,
    with: R,
) -> Result<bool, A::Error> {
    take(read_value_with::<E, T, A, R>(map, column, with)?.as_ref().map(T::bound), column, changes)
}

/// Reads a value by its type's own `Deserialize`; none for null.
///
/// # Errors
/// When the value is not one of the column; names it.
pub fn read_value<'de, E: Entity, T: Deserialize<'de>, A: MapAccess<'de>>(
    map: &mut A,
    column: usize,
) -> Result<Option<T>, A::Error> {
    map.next_value::<Option<T>>().map_err(|error| named::<E, _>(column, error))
}

/// Reads a value by a function of the program's; none for null.
///
/// # Errors
/// When the value is not one of the column; names it.
pub fn read_value_with<'de, E: Entity, T: Field, A: MapAccess<'de>, R: ReadWith<'de, T>>(
    map: &mut A,
    column: usize,
    _: R,
) -> Result<Option<T>, A::Error> {
    map.next_value_seed(OrNull(PhantomData::<fn() -> (T, R)>)).map_err(|error| named::<E, _>(column, error))
}

/// A function that `#[serde(with = "..")]` names, as a type.
pub trait ReadWith<'de, T> {
    /// Reads the value.
    ///
    /// # Errors
    /// Those of the function.
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>;
}

struct OrNull<T, R>(PhantomData<fn() -> (T, R)>);

impl<'de, T: Field, R: ReadWith<'de, T>> DeserializeSeed<'de> for OrNull<T, R> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: Field, R: ReadWith<'de, T>> Visitor<'de> for OrNull<T, R> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<X: Error>(self) -> Result<Option<T>, X> {
        Ok(None)
    }

    fn visit_unit<X: Error>(self) -> Result<Option<T>, X> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        R::read(deserializer).map(Some)
    }
}

fn take<E: Entity, X: Error>(value: Option<Value>, column: usize, changes: &mut ChangeSet<E>) -> Result<bool, X> {
    match value {
        Some(value) => changes.put(column, value),
        None if E::DEF.columns[column].nullable => changes.put(column, null_of(E::DEF.columns[column].sql_type)),
        None => return Err(named::<E, _>(column, "null in a column that is NOT NULL")),
    }
    Ok(true)
}

/// An error that says which field it is about.
fn named<E: Entity, X: Error>(column: usize, reason: impl fmt::Display) -> X {
    X::custom(format_args!("`{}.{}`: {reason}", E::DEF.name, E::DEF.columns[column].field))
}

/// A column that nobody may change.
///
/// # Errors
/// Always.
pub fn refuse_column<E: Entity, X: Error>(column: usize) -> Result<bool, X> {
    let definition = &E::DEF.columns[column];
    Err(named::<E, _>(
        column,
        match definition {
            ColumnDef { version: true, .. } => "the version, which the session counts, is no change",
            ColumnDef { read_only: true, .. } => "read-only, so it is no change",
            _ => "the database makes it, so it is no change",
        },
    ))
}
