//! One error type: what failed, on which entity, key and attribute, and what to do instead.

mod conflict;
mod kind;
mod state;

use std::{error::Error as StdError, fmt};

pub use conflict::{Conflict, ConflictKind};
pub use kind::ErrorKind;
pub use state::{StateCause, StateError};

/// The result of every fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. [`kind`](Error::kind) is for programs, `Display` for people; the database's own words are the
/// [`source`](StdError::source).
pub struct Error(Box<Inner>);

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

struct Inner {
    kind: ErrorKind,
    message: String,
    entity: Option<&'static str>,
    key: Option<String>,
    attribute: Option<String>,
    verb: Option<&'static str>,
    constraint: Option<String>,
    columns: Vec<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of this kind, with what happened and what to do.
    #[cold]
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            entity: None,
            key: None,
            attribute: None,
            verb: None,
            constraint: None,
            columns: Vec::new(),
            source: None,
        }))
    }

    pub(crate) fn with_entity(mut self, entity: &'static str) -> Self {
        self.0.entity = Some(entity);
        self
    }

    /// About this entity, unless it is known to be about another.
    pub(crate) fn of_entity(mut self, entity: &'static str) -> Self {
        self.0.entity.get_or_insert(entity);
        self
    }

    pub(crate) fn with_key(mut self, key: impl Into<String>) -> Self {
        self.0.key = Some(key.into());
        self
    }

    pub(crate) fn with_attribute(mut self, attribute: impl Into<String>) -> Self {
        self.0.attribute = Some(attribute.into());
        self
    }

    pub(crate) fn with_verb(mut self, verb: &'static str) -> Self {
        self.0.verb = Some(verb);
        self
    }

    /// Of this operation, unless it is known to be of another.
    pub(crate) fn of_verb(mut self, verb: &'static str) -> Self {
        self.0.verb.get_or_insert(verb);
        self
    }

    pub(crate) fn with_constraint(mut self, constraint: Option<String>, columns: Vec<String>) -> Self {
        self.0.constraint = constraint;
        self.0.columns = columns;
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What class of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The entity it is about: `User`.
    #[must_use]
    pub fn entity(&self) -> Option<&'static str> {
        self.0.entity
    }

    /// The primary key of the object it is about, printed.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The column or relationship it is about.
    #[must_use]
    pub fn attribute(&self) -> Option<&str> {
        self.0.attribute.as_deref()
    }

    /// The operation that failed: `flush`.
    #[must_use]
    pub fn verb(&self) -> Option<&'static str> {
        self.0.verb
    }

    /// The constraint that the database named.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.0.constraint.as_deref()
    }

    /// The columns that the database named.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.0.columns
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(verb) = self.0.verb {
            write!(f, "{verb}: ")?;
        }
        match (self.0.entity, &self.0.attribute) {
            (Some(entity), Some(attribute)) => write!(f, "{entity}.{attribute}")?,
            (Some(entity), None) => f.write_str(entity)?,
            (None, Some(attribute)) => f.write_str(attribute)?,
            (None, None) => {}
        }
        if let Some(key) = &self.0.key {
            write!(f, "[{key}]")?;
        }
        if self.0.entity.is_some() || self.0.attribute.is_some() || self.0.key.is_some() {
            f.write_str(": ")?;
        }
        f.write_str(&self.0.message)
    }
}

/// The driver's error only by its message: its own `Debug` may hold the values of a row.
impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("Error");
        all.field("kind", &self.kind).field("message", &self.message);
        let fields: [(&str, Option<&dyn fmt::Debug>); 6] = [
            ("entity", self.entity.as_ref().map(|entity| entity as _)),
            ("key", self.key.as_ref().map(|key| key as _)),
            ("attribute", self.attribute.as_ref().map(|attribute| attribute as _)),
            ("verb", self.verb.as_ref().map(|verb| verb as _)),
            ("constraint", self.constraint.as_ref().map(|constraint| constraint as _)),
            ("columns", (!self.columns.is_empty()).then_some(&self.columns as _)),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                all.field(name, value);
            }
        }
        if let Some(source) = &self.source {
            all.field("source", &format_args!("{source}"));
        }
        all.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
