//! In which order tables are created: what is referred to comes first.

use crate::schema::{EntityDef, RelationDef, RelationKind, SecondaryDef};

/// The order, and what did not fit it.
pub(super) struct Plan {
    /// Referred tables before those that refer to them, except inside a circle.
    pub(super) entities: Vec<&'static EntityDef>,
    /// The tables between, each once: both sides of a relationship may declare it.
    pub(super) secondaries: Vec<Secondary>,
}

/// A table between, seen from one of its sides.
pub(super) struct Secondary {
    pub(super) owner: &'static EntityDef,
    pub(super) relation: &'static RelationDef,
    pub(super) definition: &'static SecondaryDef,
}

/// Whether both are the same table.
pub(super) fn same_table(one: &EntityDef, two: &EntityDef) -> bool {
    one.table == two.table && one.schema == two.schema
}

/// The relationships that have a constraint in the database: one for each set of columns, also if two fields share it.
pub(super) fn constraints(entity: &'static EntityDef) -> impl Iterator<Item = &'static RelationDef> {
    let enforced = |relation: &&RelationDef| relation.kind == RelationKind::BelongsTo && !relation.unenforced;
    entity
        .relations
        .iter()
        .enumerate()
        .filter(move |(index, relation)| {
            enforced(relation)
                && !entity.relations.iter().take(*index).any(|earlier| {
                    enforced(&earlier)
                        && earlier.foreign_key == relation.foreign_key
                        && same_table((earlier.target)(), (relation.target)())
                })
        })
        .map(|(_, relation)| relation)
}

impl Plan {
    pub(super) fn new(given: &[&'static EntityDef]) -> Self {
        // Each table once, whoever lists it twice.
        let mut waiting: Vec<&'static EntityDef> = Vec::new();
        for entity in given {
            if !waiting.iter().any(|known| same_table(known, entity)) {
                waiting.push(entity);
            }
        }
        let all = waiting.clone();
        let mut entities: Vec<&'static EntityDef> = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let ready = waiting.iter().position(|entity| {
                constraints(entity).all(|relation| {
                    let target = (relation.target)();
                    same_table(target, entity) || !waiting.iter().any(|other| same_table(other, target))
                })
            });
            // In a circle none is ready: the first as it was given.
            entities.push(waiting.remove(ready.unwrap_or(0)));
        }
        Self { secondaries: secondaries(&all), entities }
    }

    /// Whether tables refer to each other in a circle.
    #[cfg(feature = "mysql")]
    pub(super) fn has_circle(&self) -> bool {
        self.entities.iter().any(|entity| constraints(entity).any(|relation| !self.is_in_order(entity, relation)))
    }

    /// Whether the constraint can stand in CREATE TABLE: its target is created before, or is not ours to create.
    pub(super) fn is_in_order(&self, entity: &EntityDef, relation: &RelationDef) -> bool {
        let place = |wanted: &EntityDef| self.entities.iter().position(|entity| same_table(entity, wanted));
        match (place(entity), place((relation.target)())) {
            (Some(owner), Some(target)) => target <= owner,
            _ => true,
        }
    }
}

fn secondaries(entities: &[&'static EntityDef]) -> Vec<Secondary> {
    let mut found: Vec<Secondary> = Vec::new();
    for owner in entities {
        for relation in owner.relations {
            let Some(definition) = &relation.secondary else { continue };
            let known = found
                .iter()
                .any(|known| known.definition.table == definition.table && known.owner.schema == owner.schema);
            // An entity of its own for the rows between says itself how its table looks.
            let is_entity =
                entities.iter().any(|entity| entity.table == definition.table && entity.schema == owner.schema);
            if !known && !is_entity {
                found.push(Secondary { owner, relation, definition });
            }
        }
    }
    found
}
