//! What a `selectin` asks for: the keys of the owners, and whose a row is that came back.

use super::{Loader, column_error};
use crate::{
    collections::IndexMap,
    database::Cells,
    error::{Error, ErrorKind, Result},
    query::sql::{Dialect, Keyed, Select, select_related, select_related_as_is, select_related_of},
    schema::{EntityDef, RelationDef, RelationKind},
    state::AnyStore,
    value::{ColumnError, ComparableKey, Value, only_the_database_compares_any, print_values},
};

/// How a row tells whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// By the owners' side of the relationship, whose values are compared here as the database compares them.
    Relation,
    /// By the primary key of the owner, whose row is joined: the two sides of the relationship only the database can compare.
    Owner,
}

/// The keys that a statement asks for, and the owners of each.
pub(super) struct Asked {
    by: By,
    def: &'static EntityDef,
    relation: &'static RelationDef,
    owners: IndexMap<ComparableKey, Vec<u32>>,
    /// Row by row in one list.
    keys: Vec<Value>,
}

impl Asked {
    /// The keys of these owners, each with the values of its side of the relationship.
    pub(super) fn of(
        loader: &Loader<'_>,
        def: &'static EntityDef,
        relation: &'static RelationDef,
        columns: &[usize],
        owners: Vec<(u32, Vec<Value>)>,
    ) -> Self {
        let store = loader.map.store_of(def);
        let joins = only_the_database_compares_any(def, columns)
            && owners.iter().all(|(owner, _)| loader.staged.are_in_database(store, *owner, columns));
        let by = if joins { By::Owner } else { By::Relation };
        let mut asked = Self { by, def, relation, owners: IndexMap::default(), keys: Vec::with_capacity(owners.len()) };
        for (owner, values) in owners {
            let key = match by {
                By::Relation => values,
                By::Owner => store.key(owner).unwrap_or(values),
            };
            let Some(at) = ComparableKey::of(&key) else { continue };
            let group = asked.owners.entry(at).or_default();
            if group.is_empty() {
                asked.keys.extend(key);
            }
            group.push(owner);
        }
        asked
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many different keys there are.
    pub(super) fn len(&self) -> usize {
        self.owners.len()
    }

    /// The statements that find the targets, in the order of the query and no other where the rows are `sorted` here.
    pub(super) fn statements(&self, dialect: Dialect, select: &Select<'_>, sorted: Option<usize>) -> Result<Keyed> {
        match (self.by, sorted) {
            (By::Owner, _) => select_related_of(dialect, self.def, self.relation, select, &self.keys),
            (By::Relation, Some(_)) => select_related_as_is(dialect, self.def, self.relation, select, &self.keys),
            (By::Relation, None) => select_related(dialect, self.def, self.relation, select, &self.keys),
        }
    }

    /// The columns whose values the key cells are, and the store that decodes them: those of the owner where its row is joined, or
    /// where the secondary table's columns are of its types; else the target's own.
    pub(super) fn key_columns<'s>(
        &self,
        (store, columns): (&'s dyn AnyStore, &[usize]),
        target: (&'s dyn AnyStore, &[usize]),
    ) -> KeyCells<'s> {
        let (store, columns) = match (self.by, self.relation.kind) {
            (By::Owner, _) => (store, self.def.primary_key),
            (By::Relation, RelationKind::ManyToMany) => (store, columns),
            (By::Relation, _) => target,
        };
        KeyCells { store, columns: columns.to_vec() }
    }

    /// Which of the keys a row came back for.
    pub(super) fn place(&self, cells: &Cells<'_>, key: &KeyCells<'_>, at: &[usize]) -> Result<usize> {
        let values = key.values(cells, at)?;
        let found = ComparableKey::of(&values).and_then(|key| self.owners.get_index_of(&key));
        match found {
            Some(place) => Ok(place),
            // It can be nobody else's.
            None if self.owners.len() == 1 => Ok(0),
            None => Err(not_asked(key.store.def(), &values, self.keys.chunks(key.columns.len().max(1)))
                .with_attribute(self.relation.name)),
        }
    }

    /// The owners of each key, in the order of the places.
    pub(super) fn into_owners(self) -> impl Iterator<Item = Vec<u32>> {
        self.owners.into_values()
    }
}

/// How the cells of a key are read.
pub(super) struct KeyCells<'s> {
    pub(super) store: &'s dyn AnyStore,
    pub(super) columns: Vec<usize>,
}

impl KeyCells<'_> {
    /// The values of the key that stand in these cells.
    pub(super) fn values(&self, cells: &Cells<'_>, at: &[usize]) -> Result<Vec<Value>> {
        let cell = |(column, at): (&usize, &usize)| {
            let value = self.store.decode_value(*column, cells.raw(*at));
            value.map_err(|error| column_error(self.store.def(), &ColumnError { column: *column, error }))
        };
        self.columns.iter().zip(at).map(cell).collect()
    }
}

/// A row came back for a key that the database holds equal to one of those that were asked for, and nothing here can tell to which.
#[cold]
pub(super) fn not_asked<'k>(
    def: &'static EntityDef,
    found: &[Value],
    asked: impl Iterator<Item = &'k [Value]> + Clone,
) -> Error {
    const SHOWN: usize = 5;
    let count = asked.clone().count();
    let shown: Vec<String> = asked.take(SHOWN).map(|key| format!("[{}]", print_values(key))).collect();
    let more = if count > SHOWN { format!(" and {} more", count - SHOWN) } else { String::new() };
    Error::new(
        ErrorKind::Decode,
        format!(
            "a row came back with the key [{}], which was not asked for; asked for was {}{more}. The database holds two keys equal that \
             differ here: write the row's key as the one that it refers to is written, or give the columns a type that tells them apart",
            print_values(found),
            shown.join(", "),
        ),
    )
    .with_entity(def.name)
    .with_key(print_values(found))
}
