//! Detached values that were never in a database: for tests and mocks.

use crate::{
    entity::Entity,
    error::{Error, ErrorKind, Result},
    flush,
    handle::{Detached, Detacher, Persistent, Src, Transient},
    identity::IdentityMap,
    load::Load,
};

impl<E: Entity, L: Load<E>> Transient<E, L> {
    /// A detached value of this new object and of what it is linked to, as if it had been inserted and detached. Everything that the
    /// database would make (keys, server defaults) must be set here.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] naming the first column that is not set; whatever a flush refuses before it sends anything.
    pub fn into_detached(self) -> Result<Detached<E, L>> {
        let map = IdentityMap::new();
        let object = map.add(Box::new(self)).map_err(|error| error.with_verb("into_detached"))?;
        flush::pretend(&map).map_err(|error| not_made(error).with_verb("into_detached"))?;
        map.holds(object, &L::shape()).map_err(|lacking| {
            Error::new(ErrorKind::State, format!("linked by a key or a mixed list, so that `{lacking}` is not here"))
                .with_entity(E::DEF.name)
                .with_verb("into_detached")
        })?;
        Ok(Detacher::default().detach(Persistent::new(Src::new(&map, object.slot, None))))
    }
}

/// A value that only an INSERT could have brought: here nobody does.
fn not_made(error: Error) -> Error {
    match (error.kind(), error.entity(), error.attribute()) {
        (ErrorKind::State, Some(entity), Some(attribute)) => {
            Error::new(ErrorKind::Decode, "not set, and there is no database to make it: give it a value")
                .with_entity(entity)
                .with_attribute(attribute)
        }
        _ => error,
    }
}
