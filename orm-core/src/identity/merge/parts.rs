//! Filtered lists of what is merged: they belong to the handle that comes of it, as those of a query do.

use std::{collections::BTreeMap, sync::Arc};

use super::{Extent, Related, Sources, nodes_among};
use crate::{
    error::{Error, ErrorKind, Result},
    identity::{IdentityMap, ObjectRef, Scope},
    load::Shape,
};

impl Sources {
    /// The lists below these nodes, as far down as the type of the handle goes.
    pub(crate) fn scope(&self, nodes: &[usize], shape: &Shape, objects: &[Option<ObjectRef>]) -> Scope {
        let mut scope = Scope::default();
        let mut below: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for node in nodes {
            let Some(owner) = objects[self.same[*node]] else { continue };
            for Related { relation, extent, members, .. } in &self.nodes[*node].relations {
                let members: Vec<usize> = nodes_among(members).collect();
                if *extent == Extent::Part {
                    let found = members.iter().filter_map(|member| objects[self.same[*member]]);
                    scope.set(*relation, owner.slot, found.map(|object| object.slot).collect());
                }
                if shape.below(*relation).is_some() {
                    below.entry(*relation).or_default().extend(members);
                }
            }
        }
        for (relation, members) in below {
            if let Some(nested) = shape.below(relation) {
                scope.put_below(relation, self.scope(&members, nested, objects));
            }
        }
        scope
    }

    /// Promises what the members of filtered lists hold. The caller holds the lock of the unit of work.
    pub(crate) fn promise_parts(
        &self,
        map: &IdentityMap,
        node: usize,
        shape: &Shape,
        objects: &[Option<ObjectRef>],
    ) -> Result<()> {
        for Related { relation, extent, members, .. } in &self.nodes[node].relations {
            let Some(nested) = shape.below(*relation).filter(|nested| !nested.is_bare()) else { continue };
            for member in nodes_among(members) {
                if let (Extent::Part, Some(object)) = (extent, objects[self.same[member]]) {
                    map.holds(object, nested).map_err(|lacking| {
                        let store = map.store_at(object);
                        Error::new(ErrorKind::State, format!("`{lacking}` is not loaded as the type says"))
                            .with_entity(store.def().name)
                            .with_key(store.print_key(object.slot))
                    })?;
                    map.promise(object, nested);
                }
                self.promise_parts(map, member, nested, objects)?;
            }
        }
        Ok(())
    }
}

impl Shape {
    /// What the members of a relationship are promised to hold, if anything is promised of them.
    pub(crate) fn below(&self, relation: usize) -> Option<&Arc<Shape>> {
        self.relations.iter().chain(&self.members).find(|(at, _)| *at == relation).map(|(_, members)| members)
    }
}
