//! Notices a relationship that is loaded object by object, where one statement would do for all.

use std::{
    collections::HashMap,
    panic::Location,
    sync::{Mutex, PoisonError},
};

use super::Session;

/// From this many on it is no coincidence.
const MANY: u32 = 10;

/// A place in the program that loads a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CallSite {
    pub(super) place: &'static Location<'static>,
    pub(super) entity: &'static str,
    pub(super) attribute: &'static str,
}

/// How often each place of the program had a session load a relationship of a single object.
#[derive(Debug, Default)]
pub(super) struct Loads(Mutex<HashMap<CallSite, u32>>);

impl Session {
    /// Counts a load that took a statement, and warns of the tenth at one place: once for each place and database.
    pub(super) fn note_single_load(&self, site: CallSite) {
        let mut loads = self.loads.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = loads.entry(site).or_default();
        *count += 1;
        if *count != MANY || !self.database.is_first_warning(site.place, site.attribute) {
            return;
        }
        let CallSite { place, entity, attribute } = site;
        tracing::warn!(
            target: "orm::session",
            relationship = %format_args!("{entity}.{attribute}"),
            count,
            %place,
            "loaded one by one, a statement for each object: `session.load_all(&objects, {entity}::{})` takes one for all of them, \
             `selectin` on the query as well",
            attribute.to_uppercase()
        );
    }
}
