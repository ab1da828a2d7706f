//! Prepared statements that no longer fit the tables, because these were changed while the program runs.
//!
//! The server notices when it runs one: its result has other types, or a type that it was prepared with is gone. A type that was
//! *inferred* when the statement was prepared (that of an enum) may also just be another one now: the server then says what it says of a
//! wrong statement, and only that the statement ran before tells the two apart.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashSet;
use sqlx::postgres::PgDatabaseError;

use super::{
    bind::is_inferred,
    error::{code, redacted},
};
use crate::{
    database::{classify::schema_changed, statement::Statement},
    error::Error,
};

/// More texts than that are not remembered.
const MOST_TEXTS: usize = 16_384;

/// Which texts with inferred types ran on a connection, as hashes.
#[derive(Default)]
pub(super) struct Ran {
    texts: HashSet<u64, RandomState>,
}

impl Ran {
    fn hash(&self, statement: &Statement) -> Option<u64> {
        statement.values.iter().any(is_inferred).then(|| self.texts.hasher().hash_one(&*statement.sql))
    }

    /// A statement ran.
    pub(super) fn note(&mut self, statement: &Statement) {
        if let Some(text) = self.hash(statement)
            && self.texts.len() < MOST_TEXTS
        {
            self.texts.insert(text);
        }
    }

    fn has(&self, statement: &Statement) -> bool {
        self.hash(statement).is_some_and(|text| self.texts.contains(&text))
    }

    pub(super) fn clear(&mut self) {
        self.texts.clear();
    }
}

/// Whether an error means that the statement was prepared for tables that have changed since: prepared anew it may work.
pub(super) fn is_stale(error: &sqlx::Error, statement: &Statement, ran: Option<&Ran>) -> bool {
    let sqlx::Error::Database(inner) = error else { return false };
    let Some(server) = inner.try_downcast_ref::<PgDatabaseError>() else { return false };
    match code(error) {
        // The statement is gone.
        Some("26000") => true,
        // "cached plan must not change result type", in the language of the server.
        Some("0A000") => server.routine() == Some("RevalidateCachedQuery"),
        // "cache lookup failed for type 16389": of the server's own, in no other language.
        Some("XX000") => server.message().starts_with("cache lookup failed for "),
        // A type or an operator that does not fit.
        Some("42804" | "42883") => ran.is_some_and(|ran| ran.has(statement)),
        _ => false,
    }
}

/// Our error for it.
#[cold]
pub(super) fn stale(error: sqlx::Error) -> Error {
    let words = match &error {
        sqlx::Error::Database(inner) => inner.try_downcast_ref::<PgDatabaseError>().map(redacted),
        _ => None,
    };
    match words {
        Some(words) => schema_changed().with_source(words),
        None => schema_changed().with_source(error),
    }
}
