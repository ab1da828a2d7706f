//! Patches out of JSON and the like: a field that is absent stays as it is, `null` is NULL.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor},
};

use super::{ChangeSet, Entity, Patch};
use crate::{
    entity::Field,
    schema::{ColumnDef, Generation},
    value::{Value, null_of},
};

/// How the fields of an entity's changes are read. Made by the derive.
pub trait ReadChanges<'de>: Entity {
    /// The names that are known.
    const FIELDS: &'static [&'static str];

    /// Reads the value of this name; gives it back unread where the name is not known.
    ///
    /// # Errors
    /// When the value is not one of the column.
    fn read<A: MapAccess<'de>>(name: &str, map: &mut A, changes: &mut ChangeSet<Self>) -> Result<bool, A::Error>;
}

impl<'de, E: ReadChanges<'de>> Deserialize<'de> for Patch<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OfEntity(PhantomData)).map(Self::new)
    }
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
            if !E::read(&name, &mut map, &mut changes)? {
                return Err(unknown_field::<E, _>(&name));
            }
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

/// The longest name that is looked at and repeated: a client chose it.
const LONGEST_NAME: usize = 64;

/// A field that the entity does not have, with the one that is nearest.
fn unknown_field<'de, E: ReadChanges<'de>, X: Error>(name: &str) -> X {
    let entity = E::DEF.name;
    if name.chars().count() > LONGEST_NAME {
        let shown: String = name.chars().take(LONGEST_NAME).collect();
        return X::custom(format_args!("`{entity}` has no field `{shown}…`"));
    }
    let near =
        E::FIELDS.iter().map(|field| (strsim::damerau_levenshtein(&name.to_lowercase(), &field.to_lowercase()), field));
    match near.filter(|(distance, field)| *distance <= (field.len() / 3).max(1)).min_by_key(|(distance, _)| *distance) {
        Some((_, meant)) => X::custom(format_args!("`{entity}` has no field `{name}`, did you mean `{meant}`?")),
        None => X::custom(format_args!("`{entity}` has no field `{name}`")),
    }
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
