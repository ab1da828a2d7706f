//! A new object that the database refused, where the session goes on.

use std::{error::Error as StdError, fmt};

use super::{Error, ErrorKind};

/// What refused a new object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConflictKind {
    /// A unique constraint or primary key: there is such a row already.
    Unique,
    /// A foreign key: what it refers to is not there.
    ForeignKey,
    /// A column that has no NULL got one.
    NotNull,
    /// A CHECK constraint.
    Check,
}

/// What [`Session::try_insert`](crate::session::Session::try_insert) answers when a constraint refused the new object: the session, its
/// transaction and its handles live on, and nothing of the object is left.
///
/// Where going on makes no sense after all, `?` turns it into an [`Error`] of the same kind:
///
/// ```
/// # use orm_core::prelude::*;
/// # #[derive(Entity)]
/// # #[orm(table = "users")]
/// # pub struct User { #[orm(primary_key)] id: i64, #[orm(unique)] email: String }
/// async fn register(session: &Session, email: &str) -> Result<i64, Error> {
///     let user = session.try_insert(User::builder().email(email)).await??;
///     Ok(user.id())
/// }
/// ```
#[derive(Debug)]
pub struct Conflict {
    kind: ConflictKind,
    error: Error,
}

impl Conflict {
    /// A conflict, if a constraint made the error.
    pub(crate) fn of(error: Error) -> Result<Self, Error> {
        let kind = match error.kind() {
            ErrorKind::UniqueViolation => ConflictKind::Unique,
            ErrorKind::ForeignKeyViolation => ConflictKind::ForeignKey,
            ErrorKind::NotNullViolation => ConflictKind::NotNull,
            ErrorKind::CheckViolation => ConflictKind::Check,
            _ => return Err(error),
        };
        Ok(Self { kind, error })
    }

    /// What refused it.
    #[must_use]
    pub fn kind(&self) -> ConflictKind {
        self.kind
    }

    /// The entity whose row was refused: of the object itself, or of one that came with it.
    #[must_use]
    pub fn entity(&self) -> Option<&'static str> {
        self.error.entity()
    }

    /// The constraint, where the database names it (SQLite names the columns of a unique constraint instead).
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.error.constraint()
    }

    /// The columns, where the database names them.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.error.columns()
    }

    /// The error that a plain `insert` would have given.
    #[must_use]
    pub fn as_error(&self) -> &Error {
        &self.error
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl StdError for Conflict {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Self {
        conflict.error
    }
}
