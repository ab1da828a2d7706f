//! Why an object or attribute cannot be read without asking the database.

use std::fmt;

use super::{Error, ErrorKind};

/// What made an attribute unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateCause {
    /// `commit` expired it.
    Commit,
    /// `rollback` expired it.
    Rollback,
    /// `expire` named it.
    Explicit,
    /// No query has asked for it yet.
    NeverLoaded,
    /// It is a deferred column.
    Deferred,
}

/// Why something cannot be had without I/O. SQLAlchemy's `DetachedInstanceError` names none of this.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// The object is known and these attributes must be read again.
    Expired {
        /// The entity.
        entity: &'static str,
        /// The primary key, printed.
        key: String,
        /// Which attributes.
        attributes: Vec<&'static str>,
        /// What expired them.
        cause: StateCause,
    },
    /// The object or relationship was not loaded in this session.
    NotLoaded {
        /// The entity.
        entity: &'static str,
        /// The primary key, printed.
        key: String,
        /// The relationship or deferred column; `None` for the object itself.
        attribute: Option<&'static str>,
        /// Why not.
        cause: StateCause,
    },
    /// The object belongs to no session any more.
    Detached {
        /// The entity.
        entity: &'static str,
        /// The primary key, printed.
        key: String,
    },
    /// The object was deleted in this session.
    Deleted {
        /// The entity.
        entity: &'static str,
        /// The primary key, printed.
        key: String,
    },
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { entity, key, attributes, cause } => {
                let attributes = attributes.join(", ");
                let by = match cause {
                    StateCause::Commit => "by commit",
                    StateCause::Rollback => "by rollback",
                    _ => "by expire",
                };
                write!(f, "{entity}[{key}]: expired {by}: {attributes}; read it again: `session.get(key).await?`")
            }
            Self::NotLoaded { entity, key, attribute: None, .. } => {
                write!(f, "{entity}[{key}]: not loaded in this session; load it: `session.get(key).await?`")
            }
            Self::NotLoaded { entity, key, attribute: Some(attribute), cause } => {
                let why = if *cause == StateCause::Deferred { "a deferred column, not loaded" } else { "not loaded" };
                let constant = attribute.to_uppercase();
                write!(
                    f,
                    "{entity}.{attribute}[{key}]: {why}; load it: `session.load(&handle, {entity}::{constant}).await?`"
                )
            }
            Self::Detached { entity, key } => {
                write!(f, "{entity}[{key}]: in no session; `session.get(key).await?` reads it into this one")
            }
            Self::Deleted { entity, key } => write!(f, "{entity}[{key}]: deleted in this session"),
        }
    }
}

impl std::error::Error for StateError {}

impl From<StateError> for Error {
    fn from(error: StateError) -> Self {
        Error::new(ErrorKind::State, error.to_string())
    }
}
