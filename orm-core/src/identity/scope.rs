//! The lists that filtered or limited hints loaded: they belong to the query that asked, not to the objects.

use std::sync::Arc;

use crate::collections::HashMap;

/// The subset lists of one query, level by level: what `posts_subset()` reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    lists: HashMap<(usize, u32), Arc<Vec<u32>>>,
    below: HashMap<usize, Scope>,
}

impl Scope {
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.below.is_empty()
    }

    /// The members that a hint found for an owner.
    pub(crate) fn list(&self, relation: usize, owner: u32) -> Option<&Arc<Vec<u32>>> {
        self.lists.get(&(relation, owner))
    }

    pub(crate) fn set(&mut self, relation: usize, owner: u32, members: Vec<u32>) {
        self.lists.insert((relation, owner), Arc::new(members));
    }

    /// What the hints below a relationship found.
    pub(crate) fn below(&self, relation: usize) -> Option<&Scope> {
        self.below.get(&relation)
    }

    pub(crate) fn put_below(&mut self, relation: usize, scope: Scope) {
        if !scope.is_empty() {
            self.below.entry(relation).or_default().merge(scope);
        }
    }

    /// Adds what another query found; the newer list of one owner wins.
    pub(crate) fn merge(&mut self, other: Scope) {
        self.lists.extend(other.lists);
        for (relation, scope) in other.below {
            self.below.entry(relation).or_default().merge(scope);
        }
    }
}
