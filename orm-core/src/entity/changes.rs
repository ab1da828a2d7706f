//! Some columns of an object, each absent, null or set: what a PATCH is made of.

mod patch;
#[cfg(feature = "serde")]
mod read;

use std::{fmt, marker::PhantomData};

use super::{Entity, IntoKey, KeyType};
use crate::{
    error::{Error, ErrorKind, Result},
    expr::Column,
    relationship::{DeferredColumn, Relation},
    schema::{EntityDef, RelationDef},
    value::{ColumnType, ComparableKey, Value, is_null, print_values},
};

pub use patch::{Patch, ReadsChanges, SetByClients};
#[cfg(feature = "serde")]
pub use read::{ReadChanges, ReadWith, read_column, read_column_with, read_value, read_value_with, refuse_column};

/// Changes of an `E`, each column absent, null or set: `Changes<User>` is what `User::changes()` begins.
///
/// ```
/// # use orm_core::prelude::*;
/// # #[derive(Entity)] #[orm(table = "users")]
/// # pub struct User { #[orm(primary_key)] id: i64, name: String, nick: Option<String> }
/// # fn rename(session: &Session, user: &Persistent<'_, User>) -> Result<(), Error> {
/// let changes: Changes<User> = User::changes().name("Ada").nick(None);
/// session.apply(user, changes)?;
/// # Ok(()) }
/// ```
///
/// They are the word of the program. What a client sends is a [`Patch`], and becomes changes when the program has named what it may set.
/// Changes dereference to a [`ChangeSet`], which a handler can look at: [`get`](ChangeSet::get), [`contains`](ChangeSet::contains),
/// [`fields`](ChangeSet::fields), [`remove`](ChangeSet::remove).
pub type Changes<E> = <E as Entity>::Changes;

/// The [`Changes`] of an `E`. Made by the derive.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of changes of `{E}`",
    label = "expected changes of `{E}`: `{E}::changes().name(..)`",
    note = "`Changes<{E}>` is the type to name in a signature, `Patch<{E}>` the one to deserialize"
)]
pub trait EntityChanges<E: Entity>: Clone + Default + fmt::Debug + Send + Sync + 'static {
    /// The columns and their values.
    fn into_set(self) -> ChangeSet<E>;

    #[doc(hidden)]
    fn from_set(set: ChangeSet<E>) -> Self;
}

/// Columns of an `E` and the values that they are to have; what is not among them stays as it is.
pub struct ChangeSet<E> {
    values: Vec<(usize, Value)>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> ChangeSet<E> {
    /// Whether nothing is to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many columns there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The new value of a column; `None` where the column is absent. Of a nullable column `Some(None)` is the NULL that will be written.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")]
    /// # pub struct User { #[orm(primary_key)] id: i64, name: String, nick: Option<String> }
    /// let changes = User::changes().nick(None);
    /// assert_eq!(changes.get(User::NAME), None);
    /// assert_eq!(changes.get(User::NICK), Some(None));
    /// ```
    #[must_use]
    pub fn get<T: ColumnType>(&self, column: impl ChangedColumn<E, T>) -> Option<T> {
        T::from_value(self.value(column.position())?).ok()
    }

    /// Whether a column is among them.
    #[must_use]
    pub fn contains<T>(&self, column: impl ChangedColumn<E, T>) -> bool {
        self.value(column.position()).is_some()
    }

    /// Takes a column out again: it stays as it is. Whether it was among them.
    pub fn remove<T>(&mut self, column: impl ChangedColumn<E, T>) -> bool {
        let (count, column) = (self.values.len(), column.position());
        self.values.retain(|(known, _)| *known != column);
        self.values.len() < count
    }

    /// The fields of the columns, in the order in which they were set.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.values.iter().map(|(column, _)| E::DEF.columns[*column].field)
    }

    /// Sets the foreign key of a to-one.
    pub(crate) fn link<M: Relation<Entity = E>>(&mut self, key: impl IntoKey<M::Target>) {
        let columns = foreign_key::<M>();
        columns.into_iter().zip(key.into_key().to_values()).for_each(|(column, value)| self.put(column, value));
    }

    /// Leaves a to-one without a target.
    #[doc(hidden)]
    pub fn unlink<M: Relation<Entity = E>>(&mut self) {
        for column in foreign_key::<M>() {
            self.put(column, crate::value::null_of(E::DEF.columns[column].sql_type));
        }
    }

    #[doc(hidden)]
    pub fn put(&mut self, column: usize, value: Value) {
        match self.values.iter_mut().find(|(known, _)| *known == column) {
            Some((_, known)) => *known = value,
            None => self.values.push((column, value)),
        }
    }

    fn value(&self, column: usize) -> Option<&Value> {
        self.values.iter().find(|(known, _)| *known == column).map(|(_, value)| value)
    }

    pub(crate) fn into_values(self) -> Vec<(usize, Value)> {
        self.values
    }
}

/// Without the columns of the primary key, which may be among changes where they say what is meant already.
///
/// # Errors
/// When they say something else.
pub(crate) fn without_key(
    def: &'static EntityDef,
    mut values: Vec<(usize, Value)>,
    key: Option<&[Value]>,
) -> Result<Vec<(usize, Value)>> {
    for (part, column) in def.primary_key.iter().enumerate() {
        let Some(at) = values.iter().position(|(known, _)| known == column) else { continue };
        let (_, value) = values.remove(at);
        if key.is_none_or(|key| ComparableKey::of([&key[part]]) != ComparableKey::of([&value])) {
            let field = def.columns[*column].field;
            return Err(Error::new(
                ErrorKind::State,
                format!(
                    "the changes are of another {}: `{field}` is part of the primary key, which never changes; take it out: \
                     `changes.remove({}::{})`",
                    def.name,
                    def.name,
                    field.to_uppercase()
                ),
            )
            .with_entity(def.name)
            .with_attribute(field)
            .with_key(key.map_or_else(|| "new".to_owned(), print_values)));
        }
    }
    Ok(values)
}

fn foreign_key<M: Relation>() -> Vec<usize> {
    let def = <M::Entity as Entity>::DEF;
    let RelationDef { foreign_key, .. } = &def.relations[M::INDEX];
    foreign_key.iter().filter_map(|field| def.column_of_field(field)).collect()
}

/// Sets the foreign key of a to-one: asked by the name of the relationship, whatever its target.
#[doc(hidden)]
pub fn change_target<M: Relation>(changes: &mut ChangeSet<M::Entity>, key: impl IntoKey<M::Target>) {
    changes.link::<M>(key);
}

/// What names a column among changes: `User::NAME`, deferred or not.
pub trait ChangedColumn<E, T> {
    #[doc(hidden)]
    fn position(&self) -> usize;
}

impl<E: Entity, T> ChangedColumn<E, T> for Column<E, T> {
    fn position(&self) -> usize {
        Column::position(*self)
    }
}

impl<M: crate::relationship::Attribute, T> ChangedColumn<M::Entity, T> for DeferredColumn<M, T> {
    fn position(&self) -> usize {
        M::INDEX
    }
}

impl<E> Clone for ChangeSet<E> {
    fn clone(&self) -> Self {
        Self { values: self.values.clone(), entity: PhantomData }
    }
}

impl<E> Default for ChangeSet<E> {
    fn default() -> Self {
        Self { values: Vec::new(), entity: PhantomData }
    }
}

impl<E: Entity> fmt::Debug for ChangeSet<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct(E::DEF.name);
        for (column, value) in &self.values {
            let definition = &E::DEF.columns[*column];
            let shown = match definition.sensitive {
                true => "<sensitive>".to_owned(),
                false if is_null(value) => "None".to_owned(),
                false => print_values(std::slice::from_ref(value)),
            };
            fields.field(definition.field, &format_args!("{shown}"));
        }
        fields.finish_non_exhaustive()
    }
}
