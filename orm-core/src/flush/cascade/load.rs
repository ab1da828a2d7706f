//! Reading what a cascade has to know: children that are not loaded, rows that are expired. What is read fills the identity
//! map; which child belongs to whom stays in the flush, lest a list show members that nobody promised anything about.

use crate::{
    collections::{HashMap, IndexMap, IndexSet},
    database::{Cells, Connection, Statement},
    error::{Error, ErrorKind, Result},
    identity::{IdentityMap, ObjectRef},
    loading::column_error,
    query::sql::{Batch, Keyed, Select, TextCache, relation_keys, select_by_key, select_related, select_related_of},
    schema::{EntityDef, RelationKind},
    state::{Absorb, Status},
    value::{ColumnError, ComparableKey, Value, is_null, only_the_database_compares_any},
};

/// What must be read before a flush can be planned.
#[derive(Debug, Default)]
pub(in crate::flush) struct Needs {
    relations: IndexMap<(u32, usize), Vec<ObjectRef>>,
    /// One-to-one relationships whose owner stays, and was given another child.
    replaced: IndexMap<(u32, usize), Vec<ObjectRef>>,
    rows: IndexSet<ObjectRef>,
    /// The relationships that wait for the rows.
    waiting: Vec<(ObjectRef, usize)>,
}

impl Needs {
    pub(super) fn relation(&mut self, owner: ObjectRef, relation: usize) {
        self.relations.entry((owner.entity, relation)).or_default().push(owner);
    }

    pub(super) fn replaced(&mut self, owner: ObjectRef, relation: usize) {
        self.replaced.entry((owner.entity, relation)).or_default().push(owner);
    }

    pub(super) fn row(&mut self, object: ObjectRef, relation: usize) {
        self.rows.insert(object);
        self.waiting.push((object, relation));
    }

    /// The row of an object, for its version or its foreign keys.
    pub(in crate::flush) fn expired(&mut self, object: ObjectRef) {
        self.rows.insert(object);
    }

    pub(in crate::flush) fn is_empty(&self) -> bool {
        self.relations.is_empty() && self.replaced.is_empty() && self.rows.is_empty()
    }

    /// The relationships that are to be looked at once this was read.
    pub(super) fn tasks(&self) -> impl Iterator<Item = (ObjectRef, usize)> {
        let relations = self.relations.iter();
        let unloaded =
            relations.flat_map(|(&(_, relation), owners)| owners.iter().map(move |owner| (*owner, relation)));
        self.waiting.iter().copied().chain(unloaded)
    }
}

/// The children that this flush has read.
#[derive(Debug, Default)]
pub(in crate::flush) struct Loaded(HashMap<(ObjectRef, usize), Vec<u32>>);

impl Loaded {
    pub(super) fn get(&self, owner: ObjectRef, relation: usize) -> Option<&[u32]> {
        self.0.get(&(owner, relation)).map(Vec::as_slice)
    }

    #[cfg(test)]
    pub(in crate::flush) fn insert(&mut self, owner: ObjectRef, relation: usize, members: Vec<u32>) {
        self.0.insert((owner, relation), members);
    }
}

/// Reads what is needed.
pub(in crate::flush) async fn load(
    map: &IdentityMap,
    connection: &mut Connection,
    texts: &TextCache,
    needs: Needs,
    loaded: &mut Loaded,
) -> Result<()> {
    let mut rows: IndexMap<u32, Vec<ObjectRef>> = IndexMap::default();
    for object in needs.rows {
        rows.entry(object.entity).or_default().push(object);
    }
    for objects in rows.values() {
        load_rows(map, connection, texts, objects).await?;
    }
    for (&(_, relation), owners) in needs.relations.iter().chain(&needs.replaced) {
        load_relation(map, connection, texts, relation, owners, loaded).await?;
    }
    Ok(())
}

/// Reads expired rows of one entity. One that is gone is an error: there is nothing left to change or delete.
async fn load_rows(
    map: &IdentityMap,
    connection: &mut Connection,
    texts: &TextCache,
    objects: &[ObjectRef],
) -> Result<()> {
    let Some(first) = objects.first() else { return Ok(()) };
    let store = map.store_at(*first);
    let def = store.def();
    let keys: Vec<Value> = objects.iter().filter_map(|object| store.key(object.slot)).flatten().collect();
    let keyed = select_by_key(texts.dialect(), &Select::all(def), def.primary_key, &keys)?;
    let epoch = map.epoch();
    fetch(connection, def, keyed.batches, &mut |cells| {
        store.absorb(cells, 0, Absorb::Fill, epoch).map(drop).map_err(|error| column_error(def, &error))
    })
    .await?;
    let gone = objects.iter().find(|object| store.status(object.slot) == Status::Expired);
    gone.map_or(Ok(()), |gone| {
        Err(Error::new(
            ErrorKind::StaleData,
            "someone else deleted the row, which this flush has to change or delete; roll back and look at what is there",
        )
        .with_entity(def.name)
        .with_key(store.print_key(gone.slot)))
    })
}

/// Reads the other side of a relationship of many owners.
async fn load_relation(
    map: &IdentityMap,
    connection: &mut Connection,
    texts: &TextCache,
    relation: usize,
    owners: &[ObjectRef],
    loaded: &mut Loaded,
) -> Result<()> {
    let Some(first) = owners.first() else { return Ok(()) };
    let owner_store = map.store_at(*first);
    let def = owner_store.def();
    let declared = &def.relations[relation];
    let target = (declared.target)();
    let target_store = map.store_of(target);
    let sides = relation_keys(def, declared);

    // Keys that only the database can compare: it joins the owners, whose primary keys come back.
    let joins = only_the_database_compares_any(def, &sides.owner);
    let mut by_key: IndexMap<ComparableKey, (Vec<Value>, Vec<ObjectRef>)> = IndexMap::default();
    for &owner in owners {
        loaded.0.entry((owner, relation)).or_default();
        let key = match joins {
            true => owner_store.key(owner.slot),
            false => map.base_values(owner, &sides.owner),
        };
        // A foreign key that is NULL refers to nothing.
        let Some(key) = key.filter(|key| !key.iter().any(is_null)) else { continue };
        if let Some(at) = ComparableKey::of(&key) {
            by_key.entry(at).or_insert_with(|| (key, Vec::new())).1.push(owner);
        }
    }
    let keys: Vec<Value> = by_key.values().flat_map(|(key, _)| key.clone()).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let (dialect, select) = (texts.dialect(), Select::all(target));
    let Keyed { batches, layout } = match joins {
        true => select_related_of(dialect, def, declared, &select, &keys)?,
        false => select_related(dialect, def, declared, &select, &keys)?,
    };
    // The secondary table's columns have the types of the owner's key; else they are the target's own.
    let (holder, columns) = match declared.kind {
        _ if joins => (owner_store, def.primary_key),
        RelationKind::ManyToMany => (owner_store, &*sides.owner),
        _ => (target_store, &*sides.target),
    };
    let epoch = map.epoch();
    fetch(connection, target, batches, &mut |cells| {
        let found = target_store.absorb(cells, 0, Absorb::Fill, epoch).map_err(|error| column_error(target, &error))?;
        let cell = |(cell, column): (&usize, &usize)| {
            let value = holder.decode_value(*column, cells.raw(*cell));
            value.map_err(|error| column_error(holder.def(), &ColumnError { column: *column, error }))
        };
        let key = layout.key_cells.iter().zip(columns).map(cell).collect::<Result<Vec<_>>>()?;
        let owners = ComparableKey::of(&key).and_then(|key| by_key.get(&key));
        for owner in owners.iter().flat_map(|(_, owners)| owners) {
            loaded.0.entry((*owner, relation)).or_default().extend(found);
        }
        Ok(())
    })
    .await
}

async fn fetch(
    connection: &mut Connection,
    def: &'static EntityDef,
    batches: Vec<Batch>,
    each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
) -> Result<()> {
    for batch in batches {
        let statement = Statement::new(batch.sql.text, batch.sql.values);
        connection.fetch(&statement, each).await.map_err(|error| error.of_entity(def.name))?;
    }
    Ok(())
}
