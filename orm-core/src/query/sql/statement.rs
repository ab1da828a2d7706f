//! A finished statement: text and values.

use std::sync::Arc;

#[cfg(feature = "postgres")]
use sea_query::PostgresQueryBuilder;
#[cfg(feature = "sqlite")]
use sea_query::SqliteQueryBuilder;
use sea_query::{DeleteStatement, InsertStatement, SelectStatement, UpdateStatement};

use crate::value::Value;

use super::context::Dialect;

/// A statement and the values of its placeholders, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: Arc<str>,
    pub(crate) values: Vec<Value>,
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
                        (text, values.0)
                    }
                    #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
                    absent => unreachable!("the feature of {absent:?} is off, so that nothing connects to it"),
                }
            }
        }
    )*};
}

build!(SelectStatement, InsertStatement, UpdateStatement, DeleteStatement);
