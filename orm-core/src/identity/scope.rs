//! The lists that filtered or limited hints loaded: they belong to the query that asked, not to the objects.

use std::sync::Arc;

use crate::collections::HashMap;

/// The subset lists of one query, level by level: what `posts_subset()` reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    lists: HashMap<(usize, u32), Arc<Vec<u32>>>,
    below: HashMap<usize, Scope>,
}

/// The lists that each of several handles knows: of those that came from one query, once.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    different: Vec<Scope>,
    /// For each handle, which of them is its own.
    own: Vec<usize>,
}

impl Scopes {
    pub(crate) fn of<'h>(handles: impl Iterator<Item = Option<&'h Scope>>) -> Self {
        let mut scopes = Self::default();
        let mut known: HashMap<usize, usize> = HashMap::new();
        for scope in handles {
            let place = scope.map_or(0, |scope| std::ptr::from_ref(scope) as usize);
            let own = *known.entry(place).or_insert_with(|| {
                scopes.different.push(scope.cloned().unwrap_or_default());
                scopes.different.len() - 1
            });
            scopes.own.push(own);
        }
        scopes
    }

    /// For each handle, what `keep` makes of its own lists together with what a query found for all of them.
    pub(crate) fn with<K: Copy>(self, found: &Scope, keep: impl Fn(Scope) -> K) -> Vec<K> {
        let kept: Vec<K> = self.different.into_iter().map(|known| keep(known.with(found))).collect();
        self.own.into_iter().map(|own| kept[own]).collect()
    }
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

    /// What one handle knew before, and what a query found.
    pub(crate) fn with(mut self, found: &Scope) -> Self {
        self.merge(found.clone());
        self
    }

    /// Adds what another query found; the newer list of one owner wins.
    pub(crate) fn merge(&mut self, other: Scope) {
        self.lists.extend(other.lists);
        for (relation, scope) in other.below {
            self.below.entry(relation).or_default().merge(scope);
        }
    }
}
