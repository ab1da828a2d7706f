//! After all statements succeeded: the objects learn what the database has now. One step, under the lock of the unit of
//! work, so that nobody sees half of it.

mod arrivals;
mod departures;
mod upward;
mod work;

use super::{
    cascade::{Cascade, Loaded},
    execute::Results,
    plan::FlushPlan,
    rows::{Cell, ChangedRow, Confirm, NewRow},
};
use crate::{
    collections::{HashMap, HashSet},
    error::Result,
    identity::{IdentityMap, ObjectRef, Work},
    loading::column_error,
    state::{Mark, Status},
    value::Value,
};

/// Publishes what a flush did.
pub(super) fn publish(map: &IdentityMap, plan: &FlushPlan, results: &Results) -> Result<()> {
    let mut work = map.work();
    let kept = kept(map, plan, &work);
    let mut publish = Publish {
        map,
        plan,
        results,
        work: &mut work,
        gone: HashMap::new(),
        written: Vec::new(),
        orphaned: Vec::new(),
    };
    publish.gone_rows();
    publish.new_rows()?;
    let former = publish.former_parents();
    publish.changed_rows()?;
    for object in plan.rows.taken.dropped.iter().filter(|object| !kept.contains(*object)) {
        map.store_at(*object).set_mark(object.slot, Mark::Discarded);
    }
    publish.departures();
    publish.leave(former);
    publish.arrivals()?;
    publish.take_from_work(&kept);
    Ok(())
}

/// New objects that the plan dropped as orphans, and that were given to a parent again while it ran; with what they own.
fn kept(map: &IdentityMap, plan: &FlushPlan, work: &Work) -> HashSet<ObjectRef> {
    let taken = &plan.rows.taken;
    if !taken.dropped.iter().any(|object| taken.taken_away.contains_key(object) && !work.is_orphan(*object)) {
        return HashSet::new();
    }
    let mut cascade = Cascade::new(map, work);
    cascade.walk(map, work, &Loaded::default());
    taken.dropped.iter().copied().filter(|object| !cascade.dropped.contains(object)).collect()
}

struct Publish<'p> {
    map: &'p IdentityMap,
    plan: &'p FlushPlan,
    results: &'p Results,
    work: &'p mut Work,
    /// Objects whose rows are gone, by the number of their entity.
    gone: HashMap<u32, HashSet<u32>>,
    /// New objects that were written to while the flush ran.
    written: Vec<ObjectRef>,
    /// New objects that were orphaned while the flush ran.
    orphaned: Vec<ObjectRef>,
}

impl Publish<'_> {
    fn gone_rows(&mut self) {
        for row in &self.plan.rows.gone {
            self.is_gone(row.object);
        }
    }

    fn is_gone(&mut self, object: ObjectRef) {
        let store = self.map.store_at(object);
        store.publish_deleted(object.slot);
        store.note_altered(object.slot, self.map.epoch());
        self.gone.entry(object.entity).or_default().insert(object.slot);
    }

    fn new_rows(&mut self) -> Result<()> {
        let mut closing: HashMap<usize, Vec<usize>> = HashMap::new();
        for (at, changed) in self.plan.rows.changed.iter().enumerate() {
            if let super::rows::ChangedKey::Inserted(row) = changed.key {
                closing.entry(row).or_default().push(at);
            }
        }
        for (at, row) in self.plan.rows.new.iter().enumerate() {
            let closing = closing.get(&at).map_or(&[][..], Vec::as_slice);
            self.new_row(at, row, closing)?;
        }
        Ok(())
    }

    fn new_row(&mut self, at: usize, row: &NewRow, closing: &[usize]) -> Result<()> {
        let NewRow { object, def, .. } = *row;
        let store = self.map.store_at(object);
        let written = store.draft_version(object.slot) != row.draft;
        let mut values = Vec::new();
        let mut later = Vec::new();
        for (column, cell) in &row.cells {
            if !written && matches!(cell, Cell::Given(_)) {
                continue;
            }
            let sent = self.results.resolve(self.plan, cell)?;
            if let (true, Some(now)) = (written, store.value(object.slot, *column))
                && matches!(cell, Cell::Given(_))
                && now != sent
            {
                later.push((*column, now));
            }
            values.push((*column, sent));
        }
        values.extend(self.results.inserted[at].iter().cloned());
        for &changed in closing {
            for (column, cell) in &self.plan.rows.changed[changed].cells {
                values.push((*column, self.results.resolve(self.plan, cell)?));
            }
            values.extend(self.results.updated[changed].iter().cloned());
        }
        self.replaced(at, object)?;
        if store.status(object.slot) == Status::Discarded {
            store.clear_mark(object.slot, Mark::Discarded);
            self.orphaned.push(object);
        }
        store.publish_inserted(object.slot, &values, self.map.epoch()).map_err(|error| column_error(def, &error))?;
        for (column, value) in &later {
            store
                .set_value(object.slot, *column, value)
                .map_err(|error| column_error(def, &crate::value::ColumnError { column: *column, error }))?;
        }
        if !later.is_empty() {
            self.written.push(object);
        }
        Ok(())
    }

    /// An object that had the key of a new row: its own row is gone, or the database would not have taken that key.
    fn replaced(&mut self, at: usize, object: ObjectRef) -> Result<()> {
        let def = self.plan.rows.new[at].def;
        let key = def.primary_key.iter().map(|column| self.results.value_of_new(self.plan, at, *column));
        let key = key.collect::<Result<Vec<Value>>>()?;
        if let Ok(Some(slot)) = self.map.store_at(object).find(&key)
            && slot != object.slot
        {
            self.is_gone(ObjectRef { slot, ..object });
        }
        Ok(())
    }

    /// The values of a changed row that the flush or the database made.
    fn made(&self, at: usize, row: &ChangedRow) -> Result<Vec<(usize, Value)>> {
        let mut values = Vec::new();
        for (column, cell) in row.cells.iter().filter(|(_, cell)| !matches!(cell, Cell::Given(_))) {
            values.push((*column, self.results.resolve(self.plan, cell)?));
        }
        values.extend(self.results.updated[at].iter().cloned());
        Ok(values)
    }

    fn changed_rows(&mut self) -> Result<()> {
        for (at, row) in self.plan.rows.changed.iter().enumerate() {
            let ChangedRow { object, def, .. } = *row;
            let store = self.map.store_at(object);
            store.note_altered(object.slot, self.map.epoch());
            match row.confirm {
                Confirm::Nothing => {}
                Confirm::Columns => {
                    let mut values = Vec::new();
                    for (column, cell) in &row.cells {
                        values.push((*column, self.results.resolve(self.plan, cell)?));
                    }
                    values.extend(self.results.updated[at].iter().cloned());
                    store.absorb_columns(object.slot, &values).map_err(|error| column_error(def, &error))?;
                }
                Confirm::Draft(version) => store.settle_draft(object.slot, version, &self.made(at, row)?),
                Confirm::Row(version) => {
                    let values = self.made(at, row)?;
                    store.confirm(object.slot, version, &values).map_err(|error| column_error(def, &error))?;
                }
            }
        }
        Ok(())
    }
}
