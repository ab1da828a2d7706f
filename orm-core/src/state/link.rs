//! One relationship of one object: which objects are on the other side, and what was promised about them.

use std::sync::{Arc, PoisonError, RwLock};

use super::same_transaction;
use crate::{collections::HashSet, load::Shape};

/// The loaded other side, as positions in the target entity's store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Targets {
    /// A to-one, perhaps known to be empty.
    One(Option<u32>),
    /// A to-many. Shared with whoever iterates: a change copies only then.
    Many(Arc<Vec<u32>>),
}

impl Targets {
    pub(crate) fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(target) => target.as_slice(),
            Self::Many(targets) => targets,
        }
    }
}

/// One relationship of one object.
#[derive(Debug, Default)]
pub(crate) struct Link(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    targets: Option<Targets>,
    promise: Option<Arc<Shape>>,
    /// When it was loaded.
    epoch: u64,
    /// When members came or went last.
    altered: u64,
}

impl Link {
    /// The other side, where it is loaded.
    pub(crate) fn targets(&self) -> Option<Targets> {
        self.read().targets.clone()
    }

    pub(crate) fn is_loaded(&self) -> bool {
        self.read().targets.is_some()
    }

    pub(crate) fn is_loaded_in(&self, epoch: u64) -> bool {
        let state = self.read();
        state.targets.is_some() && same_transaction(state.epoch, epoch)
    }

    /// What every member must hold.
    pub(crate) fn promise(&self) -> Option<Arc<Shape>> {
        self.read().promise.clone()
    }

    /// Adds to what every member must hold, and says whether that is more than before. The caller has made sure that they do.
    pub(crate) fn add_promise(&self, shape: &Arc<Shape>) -> bool {
        if self.read().promise.as_ref().is_some_and(|known| Arc::ptr_eq(known, shape)) {
            return false;
        }
        let mut state = self.write();
        let Some(known) = &state.promise else {
            state.promise = Some(Arc::clone(shape));
            return true;
        };
        let union = Shape::union(known, shape);
        let grew = union != *known;
        state.promise = Some(if grew { union } else { Arc::clone(known) });
        grew
    }

    /// Sets the other side.
    pub(crate) fn load(&self, targets: Targets, epoch: u64) {
        let mut state = self.write();
        state.targets = Some(targets);
        state.epoch = epoch;
    }

    /// Sets the other side unless it is loaded already.
    pub(crate) fn load_if_absent(&self, targets: Targets, epoch: u64) {
        let mut state = self.write();
        if state.targets.is_none() || !same_transaction(state.epoch, epoch) {
            state.targets = Some(targets);
            state.epoch = epoch;
        }
    }

    /// Appends a member to a loaded to-many that does not list it; a list that is not loaded stays so.
    pub(crate) fn append(&self, target: u32, epoch: u64) {
        let state = &mut *self.write();
        if let Some(Targets::Many(targets)) = &mut state.targets
            && !targets.contains(&target)
        {
            Arc::make_mut(targets).push(target);
            state.altered = epoch;
        }
    }

    /// A loaded to-one shows this; since when it is loaded stays as it was.
    pub(crate) fn show(&self, target: u32, epoch: u64) {
        let state = &mut *self.write();
        if let Some(Targets::One(one)) = &mut state.targets {
            *one = Some(target);
            state.altered = epoch;
        }
    }

    /// Takes a member out of a loaded list or to-one.
    pub(crate) fn remove(&self, target: u32, epoch: u64) {
        let state = &mut *self.write();
        state.altered = epoch;
        match &mut state.targets {
            // A list shows a member once. Whoever empties one mostly begins at its front: found at once, and the rest moves in one copy.
            Some(Targets::Many(targets)) => {
                if let Some(at) = targets.iter().position(|at| *at == target) {
                    Arc::make_mut(targets).remove(at);
                }
            }
            Some(Targets::One(one)) if *one == Some(target) => *one = None,
            _ => {}
        }
    }

    /// Appends members to a loaded to-many, those that it does not list; a list that is not loaded stays so.
    pub(crate) fn extend(&self, members: &[u32], epoch: u64) {
        let state = &mut *self.write();
        if let Some(Targets::Many(targets)) = &mut state.targets {
            state.altered = epoch;
            let known: HashSet<u32> = targets.iter().copied().collect();
            let new = members.iter().filter(|member| !known.contains(*member));
            Arc::make_mut(targets).extend(new);
        }
    }

    /// Takes these members out of a loaded list or to-one.
    pub(crate) fn remove_all(&self, members: &HashSet<u32>, epoch: u64) {
        let shown = |state: &State| {
            state
                .targets
                .as_ref()
                .is_some_and(|targets| targets.as_slice().iter().any(|member| members.contains(member)))
        };
        // Most links show none of them, and a list that is written to is copied.
        if !shown(&self.read()) {
            return;
        }
        let state = &mut *self.write();
        state.altered = epoch;
        match &mut state.targets {
            Some(Targets::Many(targets)) => Arc::make_mut(targets).retain(|member| !members.contains(member)),
            Some(Targets::One(one)) => *one = one.filter(|member| !members.contains(member)),
            None => {}
        }
    }

    /// Forgets the other side, which no handle was promised.
    pub(crate) fn unload_unseen(&self) {
        let mut state = self.write();
        if state.promise.is_none() {
            state.targets = None;
        }
    }

    /// Forgets the other side, whoever was promised it: no handle lives.
    pub(crate) fn unload(&self) {
        *self.write() = State::default();
    }

    /// Forgets the other side where it shows one of these: no handle lives.
    pub(crate) fn unload_if_shows(&self, members: &HashSet<u32>) {
        let shows = |targets: &Targets| targets.as_slice().iter().any(|member| members.contains(member));
        if self.read().targets.as_ref().is_some_and(shows) {
            self.unload();
        }
    }

    /// What it shows is past: the next hint reads it again.
    pub(crate) fn make_past(&self) {
        let mut state = self.write();
        state.altered = state.altered.max(state.epoch);
        state.epoch = 0;
    }

    pub(super) fn changed_since(&self, epoch: u64) -> bool {
        let state = self.read();
        state.epoch >= epoch || state.altered >= epoch
    }

    pub(crate) fn forget_promise(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).promise = None;
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
