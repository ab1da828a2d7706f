//! Warnings that are given once.

use std::{
    collections::HashSet,
    panic::Location,
    sync::{Mutex, PoisonError},
};

/// Which places of the program were warned of already, and about what.
#[derive(Debug, Default)]
pub(super) struct Warnings(Mutex<HashSet<(&'static Location<'static>, &'static str)>>);

impl Warnings {
    pub(super) fn is_first(&self, place: &'static Location<'static>, about: &'static str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((place, about))
    }
}
