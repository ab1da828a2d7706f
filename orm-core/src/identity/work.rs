//! What the next flush has to look at.

use super::ObjectRef;
use crate::{
    collections::{HashMap, IndexMap, IndexSet},
    value::ComparableKey,
};

/// One row of a secondary table that is to come or to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pair {
    /// The side whose relationship is named.
    pub(crate) owner: ObjectRef,
    /// The position of the many-to-many among the owner's relationships.
    pub(crate) relation: usize,
    /// The other side.
    pub(crate) target: ObjectRef,
}

/// What happens to a row of a secondary table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PairChange {
    /// INSERT.
    Add,
    /// DELETE.
    Remove,
}

/// Whether it is sure that a row of a secondary table is there, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Knowledge {
    /// One of the sides is loaded, or new.
    Sure,
    /// Neither is: the row may be there or not, whatever was done to it since the last flush.
    Unsure,
}

/// A child that was taken out of a list whose orphans are deleted. It is an orphan unless it follows another parent by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TakenAway {
    /// The fields of the foreign key by which it was a child.
    pub(crate) columns: &'static [&'static str],
    /// The former parent, where the session holds it.
    pub(crate) parent: Option<ObjectRef>,
    /// The position of the list among the parent's relationships.
    pub(crate) relation: usize,
}

/// The child that a parent got last by a one-to-one relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Newest {
    pub(crate) child: ObjectRef,
    pub(crate) former: Former,
}

/// Whether it is known which child a parent had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Former {
    /// It has let go already, or there was none.
    Settled,
    /// The relationship was not loaded: the flush has to look.
    Unknown,
}

/// A foreign key that follows a parent which has no key yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Follow {
    /// The fields of the foreign key, by the relationship that declares them.
    pub(crate) columns: &'static [&'static str],
    /// The fields they refer to on the parent; empty: its primary key.
    pub(crate) references: &'static [&'static str],
    /// The relationship on the child that shows the parent, if it declares one.
    pub(crate) child_relation: Option<usize>,
    /// The relationship on the parent that lists the child, if it declares one.
    pub(crate) parent_relation: Option<usize>,
    /// The parent.
    pub(crate) parent: ObjectRef,
    /// Later ones are greater: the order of the children in the parent's new collection. [`Work::follow`] sets it.
    pub(crate) order: u64,
}

/// The unit of work: what was added, written, linked and deleted since the last flush, in the order it happened.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// Added, not yet inserted.
    pub(crate) pending: IndexSet<ObjectRef>,
    /// The keys that the program gave to pending objects.
    pub(crate) pending_keys: HashMap<(u32, ComparableKey), ObjectRef>,
    /// Persistent objects that were written to: whether anything is different is found at the flush.
    pub(crate) touched: IndexSet<ObjectRef>,
    /// To be deleted.
    pub(crate) deleted: IndexSet<ObjectRef>,
    /// Children whose foreign key waits for a parent's key.
    pub(crate) follows: HashMap<ObjectRef, Vec<Follow>>,
    /// Children that were taken out of lists whose orphans are deleted.
    pub(crate) taken_away: IndexMap<ObjectRef, Vec<TakenAway>>,
    /// By parent and its one-to-one relationship, the child that it was given last.
    pub(crate) one_to_one: IndexMap<(ObjectRef, usize), Newest>,
    /// By child that came to such a relationship, the one that let go for it at once, and from where: it is back where the new one is
    /// refused.
    pub(crate) replaced: HashMap<ObjectRef, Vec<(ObjectRef, ObjectRef, usize)>>,
    /// Rows of secondary tables.
    pub(crate) pairs: IndexMap<Pair, PairChange>,
    /// Columns of objects that are being read anew: their changes are not written any more.
    pub(crate) held_back: HashMap<ObjectRef, Vec<usize>>,
    /// The order of the next [`Follow`].
    next_order: u64,
}

impl Work {
    /// Whether a flush has nothing to look at.
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
            && self.touched.is_empty()
            && self.deleted.is_empty()
            && self.taken_away.is_empty()
            && self.pairs.is_empty()
    }

    /// Notes that a persistent object was written to.
    pub(crate) fn touch(&mut self, store: &dyn crate::state::AnyStore, object: ObjectRef) {
        if store.status(object.slot) != crate::state::Status::Pending {
            self.touched.insert(object);
        }
    }

    /// Notes a row of a secondary table; what undoes an unflushed opposite cancels it, given on either side, and replaces it where
    /// nobody knows whether the row is there. `inverse` is the same relationship as the target declares it.
    pub(crate) fn change_pair(&mut self, pair: Pair, inverse: Option<usize>, change: PairChange, knowledge: Knowledge) {
        let other_side = inverse.map(|relation| Pair { owner: pair.target, relation, target: pair.owner });
        let pair = other_side.filter(|pair| self.pairs.contains_key(pair)).unwrap_or(pair);
        match self.pairs.get(&pair) {
            Some(known) if *known != change && knowledge == Knowledge::Sure => {
                self.pairs.shift_remove(&pair);
            }
            _ => {
                self.pairs.insert(pair, change);
            }
        }
    }

    /// A row of a secondary table goes; gives the change that this cancels, for the caller to take out of the list.
    pub(crate) fn remove_pair(&mut self, pair: Pair, inverse: Option<usize>, knowledge: Knowledge) -> Option<Pair> {
        let other_side = inverse.map(|relation| Pair { owner: pair.target, relation, target: pair.owner });
        let pair = other_side.filter(|pair| self.pairs.contains_key(pair)).unwrap_or(pair);
        if knowledge == Knowledge::Sure && self.pairs.get(&pair) == Some(&PairChange::Add) {
            return Some(pair);
        }
        self.pairs.insert(pair, PairChange::Remove);
        None
    }

    /// Whether a row of a secondary table is to come or to go, given on either side.
    pub(crate) fn has_pair(&self, pair: Pair, inverse: Option<usize>) -> bool {
        let other_side = inverse.map(|relation| Pair { owner: pair.target, relation, target: pair.owner });
        self.pairs.contains_key(&pair) || other_side.is_some_and(|pair| self.pairs.contains_key(&pair))
    }

    /// The foreign key of a child follows this parent, and no other by the same columns.
    pub(crate) fn follow(&mut self, child: ObjectRef, follow: Follow) {
        self.unfollow(child, follow.columns);
        let order = self.next_order;
        self.next_order += 1;
        self.follows.entry(child).or_default().push(Follow { order, ..follow });
    }

    /// The foreign key of a child has a value of its own again.
    pub(crate) fn unfollow(&mut self, child: ObjectRef, columns: &[&str]) {
        if let Some(follows) = self.follows.get_mut(&child) {
            follows.retain(|known| known.columns != columns);
        }
    }

    /// The parent that a foreign key of a child follows.
    pub(crate) fn follow_of(&self, child: ObjectRef, columns: &[&str]) -> Option<&Follow> {
        self.follows.get(&child)?.iter().find(|follow| follow.columns == columns)
    }

    /// A child was taken out of a list, and follows no parent by this foreign key any more.
    pub(crate) fn take_away(&mut self, child: ObjectRef, taken: TakenAway) {
        self.unfollow(child, taken.columns);
        let known = self.taken_away.entry(child).or_default();
        known.retain(|known| known.columns != taken.columns);
        known.push(taken);
    }

    /// The foreign key of a child names its parent again.
    pub(crate) fn give_back(&mut self, child: ObjectRef, columns: &[&str]) {
        if let Some(known) = self.taken_away.get_mut(&child) {
            known.retain(|known| known.columns != columns);
            if known.is_empty() {
                self.taken_away.swap_remove(&child);
            }
        }
    }

    /// Whether a child was taken away by this foreign key, whose columns name the former parent still.
    pub(crate) fn is_taken_away(&self, child: ObjectRef, columns: &[&str]) -> bool {
        let known = self.taken_away.get(&child);
        known.is_some_and(|known| known.iter().any(|taken| taken.columns == columns))
    }

    /// Whether nobody owns an object any more: it was taken away, and was not given to another parent.
    pub(crate) fn is_orphan(&self, object: ObjectRef) -> bool {
        let known = self.taken_away.get(&object);
        known.is_some_and(|known| known.iter().any(|taken| self.follow_of(object, taken.columns).is_none()))
    }

    /// What the next flush deletes, or drops where it has no row: as the program said, and orphans. Cascades take more along.
    pub(crate) fn going(&self) -> impl Iterator<Item = ObjectRef> {
        let orphans =
            self.taken_away.keys().filter(|object| self.is_orphan(**object) && !self.deleted.contains(*object));
        self.deleted.iter().chain(orphans).copied()
    }

    /// New objects that the next flush inserts, unless a cascade drops them.
    pub(crate) fn coming(&self) -> impl Iterator<Item = ObjectRef> {
        self.pending.iter().copied().filter(|object| !self.is_orphan(*object))
    }
}
