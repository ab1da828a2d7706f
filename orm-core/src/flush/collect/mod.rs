//! From the unit of work to rows: reads every object once, under the lock of the unit of work.

mod changed;
mod new;
mod pairs;

use super::{
    cascade::{Cascade, Needs},
    rows::{GoneRow, Rows, Taken},
};
use crate::{
    error::Result,
    identity::{Follow, IdentityMap, ObjectRef, Work, key_columns},
    schema::{EntityDef, RelationDef, RelationKind},
    state::Status,
};

pub(crate) use new::plain_columns;

/// What the collectors share.
struct Collect<'w> {
    map: &'w IdentityMap,
    work: &'w Work,
    cascade: &'w Cascade,
    rows: Rows,
    needs: Needs,
}

/// The rows to write, or what must be read before they are known.
pub(super) fn collect(map: &IdentityMap, work: &Work, cascade: &Cascade) -> Result<Result<Rows, Needs>> {
    let mut collect = Collect { map, work, cascade, rows: Rows::default(), needs: Needs::default() };
    collect.new_rows()?;
    collect.changed_rows()?;
    collect.gone_rows();
    if !collect.needs.is_empty() {
        return Ok(Err(collect.needs));
    }
    collect.pairs();
    collect.rows.taken = collect.taken();
    Ok(Ok(collect.rows))
}

impl Collect<'_> {
    fn gone_rows(&mut self) {
        for &object in &self.cascade.deleted {
            let store = self.map.store_at(object);
            let def = store.def();
            let version = version_column(def).and_then(|column| store.base_value(object.slot, column));
            if version_column(def).is_some() && version.is_none() {
                self.needs.expired(object);
            }
            if let Some(key) = store.key(object.slot) {
                self.rows.gone.push(GoneRow { object, def, key, version });
            }
        }
    }

    fn taken(&self) -> Taken {
        Taken {
            pending: self.work.pending.clone(),
            dropped: self.cascade.dropped.clone(),
            touched: self.work.touched.clone(),
            deleted: self.work.deleted.clone(),
            follows: self.work.follows.clone(),
            taken_away: self.work.taken_away.clone(),
            one_to_one: self.work.one_to_one.clone(),
            pairs: self.work.pairs.iter().map(|(pair, change)| (*pair, *change)).collect(),
        }
    }

    /// The foreign keys of an object that wait for a parent.
    fn follows(&self, object: ObjectRef) -> &[Follow] {
        self.work.follows.get(&object).map_or(&[], Vec::as_slice)
    }

    /// Whether the object gets no row, and so has no key to follow.
    fn never_comes(&self, object: ObjectRef) -> bool {
        self.cascade.dropped.contains(&object) || self.map.store_at(object).status(object.slot) == Status::Discarded
    }
}

/// The column that counts the versions of a row.
pub(super) fn version_column(def: &EntityDef) -> Option<usize> {
    def.columns.iter().position(|column| column.version)
}

/// The relationship of an entity whose foreign key a column is part of.
fn relation_of_column(def: &'static EntityDef, column: usize) -> Option<&'static RelationDef> {
    let holds = |relation: &&RelationDef| {
        relation.kind == RelationKind::BelongsTo && !relation.view_only && key_columns(def, relation).contains(&column)
    };
    def.relations.iter().find(holds)
}

/// The columns of a [`Follow`] on the child, and what each of them takes from the parent.
fn followed_columns(child: &EntityDef, parent: &EntityDef, follow: &Follow) -> Vec<(usize, usize)> {
    let positions = |def: &EntityDef, fields: &[&str]| -> Vec<usize> {
        fields.iter().filter_map(|field| def.column_of_field(field)).collect()
    };
    let referenced =
        if follow.references.is_empty() { parent.primary_key.to_vec() } else { positions(parent, follow.references) };
    positions(child, follow.columns).into_iter().zip(referenced).collect()
}
