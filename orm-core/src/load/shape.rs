//! A load state as a value: what a handle was promised, for the moments when types are gone.

use std::sync::Arc;

/// Which relationships and deferred columns are promised to be loaded, and what their members are promised in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Relationship (position) → promise of its members; sorted.
    pub(crate) relations: Vec<(usize, Arc<Shape>)>,
    /// Relationships whose members are promised something although the whole is not (a subset, a maybe); sorted.
    pub(crate) members: Vec<(usize, Arc<Shape>)>,
    /// Deferred columns (position); sorted.
    pub(crate) columns: Vec<usize>,
}

impl Shape {
    /// Nothing but columns.
    pub(crate) fn is_bare(&self) -> bool {
        self.relations.is_empty() && self.columns.is_empty() && self.members.is_empty()
    }

    #[doc(hidden)]
    pub fn add_relation(&mut self, relation: usize, members: Shape) {
        merge_into(&mut self.relations, relation, Arc::new(members));
    }

    #[doc(hidden)]
    pub fn add_members(&mut self, relation: usize, members: Shape) {
        merge_into(&mut self.members, relation, Arc::new(members));
    }

    #[doc(hidden)]
    pub fn add_column(&mut self, column: usize) {
        if let Err(at) = self.columns.binary_search(&column) {
            self.columns.insert(at, column);
        }
    }

    /// What is promised beside a relationship.
    pub(crate) fn without(&self, relation: usize) -> Self {
        let others = |list: &[(usize, Arc<Shape>)]| list.iter().filter(|(at, _)| *at != relation).cloned().collect();
        Self { relations: others(&self.relations), members: others(&self.members), columns: self.columns.clone() }
    }

    /// Both promises at once.
    pub(crate) fn union(a: &Arc<Shape>, b: &Arc<Shape>) -> Arc<Shape> {
        if Arc::ptr_eq(a, b) || b.is_bare() || a == b {
            return Arc::clone(a);
        }
        if a.is_bare() {
            return Arc::clone(b);
        }
        let mut whole = Shape::clone(a);
        for (relation, members) in &b.relations {
            merge_into(&mut whole.relations, *relation, Arc::clone(members));
        }
        for (relation, members) in &b.members {
            merge_into(&mut whole.members, *relation, Arc::clone(members));
        }
        for column in &b.columns {
            whole.add_column(*column);
        }
        Arc::new(whole)
    }
}

fn merge_into(list: &mut Vec<(usize, Arc<Shape>)>, relation: usize, members: Arc<Shape>) {
    match list.binary_search_by_key(&relation, |(index, _)| *index) {
        Ok(at) => list[at].1 = Shape::union(&list[at].1, &members),
        Err(at) => list.insert(at, (relation, members)),
    }
}
