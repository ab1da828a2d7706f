//! From rows to objects: runs queries and hints, and publishes what they found.
//!
//! One mechanism serves every way of loading: [`Loader::fill`] makes a plan true of some objects. A joined hint only brings
//! rows in earlier, with the root's own statement; `fill` then finds them loaded.

mod asked;
mod complete;
mod count;
mod fetch;
mod fill;
mod joined;
mod named;
mod placed;
mod seen;
mod selectin;
mod stage;
mod under_way;

use self::under_way::UnderWay;
use crate::{
    database::Connection,
    error::{Error, ErrorKind},
    identity::IdentityMap,
    query::sql::{Dialect, TextCache},
    schema::EntityDef,
    value::ColumnError,
};

pub(crate) use count::{count_statement, exists_statement, fetch_count};
pub(crate) use fetch::Fetch;
pub(crate) use named::{Most, RowDecoder};
pub(crate) use stage::{Reread, Staged, Unflushed};

/// What loading needs: where objects go, where rows come from, and the statement texts.
pub(crate) struct Loader<'c> {
    pub(crate) map: &'c IdentityMap,
    pub(crate) connection: &'c mut Connection,
    pub(crate) texts: &'c TextCache,
    /// Rows that were read anew and are not published yet.
    staged: Staged,
    /// Relationships whose lists were read and are published once their members hold what was promised.
    under_way: UnderWay,
}

impl<'c> Loader<'c> {
    pub(crate) fn new(map: &'c IdentityMap, connection: &'c mut Connection, texts: &'c TextCache) -> Self {
        Self { map, connection, texts, staged: Staged::default(), under_way: UnderWay::default() }
    }

    fn dialect(&self) -> Dialect {
        self.texts.dialect()
    }
}

/// A cell that is not a value of its column, as the user's error.
#[cold]
pub(crate) fn column_error(def: &'static EntityDef, error: &ColumnError) -> Error {
    let column = def.columns.get(error.column);
    // What was found may be the value itself.
    let reason = match column.is_some_and(|column| column.sensitive) {
        true => "found what is no value of the column's type (the column is sensitive, so it is not shown)",
        false => error.error.reason(),
    };
    Error::new(ErrorKind::Decode, reason)
        .with_entity(def.name)
        .with_attribute(column.map_or("?", |column| column.field))
}
