//! A finished statement: text and values.

use std::{fmt::Write as _, sync::Arc};

#[cfg(feature = "mysql")]
use sea_query::MysqlQueryBuilder;
#[cfg(feature = "postgres")]
use sea_query::PostgresQueryBuilder;
#[cfg(feature = "sqlite")]
use sea_query::SqliteQueryBuilder;
use sea_query::{DeleteStatement, InsertStatement, SelectStatement, UpdateStatement};

use crate::value::Value;

#[cfg(feature = "postgres")]
use super::compared::{UNTYPED_CAST, untyped};
use super::{
    context::Dialect,
    select::{Lock, LockStrength, LockWait},
};

/// A statement and the values of its placeholders, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: Arc<str>,
    pub(crate) values: Vec<Value>,
}

impl Sql {
    /// The same, whose lock every server of the dialect understands.
    pub(super) fn locking(self, dialect: Dialect, lock: Option<Lock>) -> Self {
        match lock {
            Some(_) => Self { text: share(self.text.to_string(), dialect, lock).into(), ..self },
            None => self,
        }
    }

    /// The same with a RETURNING, where sea-query has written none.
    pub(super) fn returning(self, dialect: Dialect, columns: impl Iterator<Item = &'static str>) -> Self {
        if dialect != Dialect::MySql {
            return self;
        }
        let mut text = self.text.to_string();
        append_returning(&mut text, dialect, columns);
        Self { text: text.into(), ..self }
    }
}

/// A lock for sharing that does not wait, as each server has it: sea-query writes MariaDB's words, MySQL has others there. What stands in
/// a comment only one of them reads.
pub(super) fn share(text: String, dialect: Dialect, lock: Option<Lock>) -> String {
    const WAITING: &str = "LOCK IN SHARE MODE";
    match lock {
        Some(Lock { strength: LockStrength::Share, wait: LockWait::NoWait | LockWait::SkipLocked })
            if dialect == Dialect::MySql =>
        {
            match text.rsplit_once(WAITING) {
                Some((before, after)) => format!("{before}/*!80000 FOR SHARE*//*M! {WAITING}*/{after}"),
                None => text,
            }
        }
        _ => text,
    }
}

/// MariaDB's RETURNING, of which sea-query knows nothing: it writes the others'.
pub(super) fn append_returning(text: &mut String, dialect: Dialect, columns: impl Iterator<Item = &'static str>) {
    if dialect != Dialect::MySql {
        return;
    }
    for (index, column) in columns.enumerate() {
        let separator = if index == 0 { " RETURNING " } else { ", " };
        let _ = write!(text, "{separator}`{}`", column.replace('`', "``"));
    }
}

/// A sea-query statement that can be written for a dialect.
pub(super) trait Build {
    fn build(&self, dialect: Dialect) -> (String, Vec<Value>);

    fn sql(&self, dialect: Dialect) -> Sql {
        let (text, values) = self.build(dialect);
        Sql { text: text.into(), values }
    }

    /// The text of a statement of fixed shape, whose values are bound apart.
    fn text(&self, dialect: Dialect) -> String {
        self.build(dialect).0
    }
}

/// sea-query makes text with a cast of a value whose type the server is to infer. The cast goes, and the value is without a type again.
#[cfg(feature = "postgres")]
fn uncast(text: String, mut values: Vec<Value>) -> (String, Vec<Value>) {
    if !text.contains(UNTYPED_CAST) {
        return (text, values);
    }
    let mut bare = String::with_capacity(text.len());
    for part in text.split_inclusive(UNTYPED_CAST) {
        let Some(before) = part.strip_suffix(UNTYPED_CAST) else {
            bare.push_str(part);
            continue;
        };
        bare.push_str(before);
        let number = before.rfind('$').and_then(|at| before[at + 1..].parse::<usize>().ok());
        if let Some(value) = number.and_then(|number| values.get_mut(number.checked_sub(1)?)) {
            *value = untyped(std::mem::replace(value, Value::Bool(None)));
        }
    }
    (bare, values)
}

macro_rules! build {
    ($($statement:ty),*) => {$(
        impl Build for $statement {
            fn build(&self, dialect: Dialect) -> (String, Vec<Value>) {
                match dialect {
                    #[cfg(feature = "sqlite")]
                    Dialect::Sqlite => {
                        let (text, values) = self.build_any(&SqliteQueryBuilder);
                        (text, values.0)
                    }
                    #[cfg(feature = "postgres")]
                    Dialect::Postgres => {
                        let (text, values) = self.build_any(&PostgresQueryBuilder);
                        uncast(text, values.0)
                    }
                    #[cfg(feature = "mysql")]
                    Dialect::MySql => {
                        let (text, values) = self.build_any(&MysqlQueryBuilder);
                        (text, values.0)
                    }
                    #[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
                    absent => unreachable!("the feature of {absent:?} is off, so that nothing connects to it"),
                }
            }
        }
    )*};
}

build!(SelectStatement, InsertStatement, UpdateStatement, DeleteStatement);
