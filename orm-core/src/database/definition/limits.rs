//! What a server would refuse, or take for something else, said before anything is sent.

#[cfg(feature = "postgres")]
use std::collections::HashMap;

use super::{Spelling, order::Plan};
use crate::error::Result;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use crate::error::{Error, ErrorKind};

/// Refuses names that are too long for MySQL, and those that PostgreSQL, which cuts names, would take for one.
pub(super) fn check(spelling: Spelling, plan: &Plan) -> Result<()> {
    match spelling {
        #[cfg(feature = "sqlite")]
        Spelling::Sqlite => {
            let _ = plan;
            Ok(())
        }
        #[cfg(feature = "postgres")]
        Spelling::Postgres => check_cut_names(spelling, plan),
        #[cfg(feature = "mysql")]
        Spelling::MySql { .. } => check_lengths(spelling, plan),
    }
}

#[cfg(feature = "mysql")]
fn check_lengths(spelling: Spelling, plan: &Plan) -> Result<()> {
    for entity in &plan.entities {
        let columns = entity.columns.iter().map(|column| ("column", column.name));
        let indexes = entity.indexes.iter().map(|index| ("index", index.name));
        let names = std::iter::once(("table", entity.table)).chain(columns).chain(indexes);
        for (what, name) in names {
            check_length(spelling, what, name).map_err(|error| error.with_entity(entity.name))?;
        }
    }
    for secondary in &plan.secondaries {
        check_length(spelling, "table", secondary.definition.table)
            .map_err(|error| error.with_entity(secondary.owner.name))?;
    }
    Ok(())
}

#[cfg(feature = "mysql")]
fn check_length(spelling: Spelling, what: &str, name: &str) -> Result<()> {
    let (length, limit) = (name.chars().count(), spelling.max_identifier());
    if length <= limit {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Schema,
        format!(
            "the {what} `{name}` has a name of {length} characters and MySQL takes {limit}; nothing was sent. Give it a shorter one"
        ),
    ))
}

/// A name that is cut is cut at every use alike, which is well where no other name begins so.
#[cfg(feature = "postgres")]
fn check_cut_names(spelling: Spelling, plan: &Plan) -> Result<()> {
    // Tables and indexes of one schema share their names.
    let mut relations: HashMap<(Option<&str>, &str), &str> = HashMap::new();
    let cut = |name: &'static str| &name[..name.floor_char_boundary(spelling.max_identifier())];
    for entity in &plan.entities {
        let mut columns: HashMap<&str, &str> = HashMap::new();
        for column in entity.columns {
            let first = *columns.entry(cut(column.name)).or_insert(column.name);
            check_apart(spelling, first, column.name).map_err(|error| error.with_entity(entity.name))?;
        }
        let indexes = entity.indexes.iter().map(|index| index.name);
        for name in std::iter::once(entity.table).chain(indexes) {
            let first = *relations.entry((entity.schema, cut(name))).or_insert(name);
            check_apart(spelling, first, name).map_err(|error| error.with_entity(entity.name))?;
        }
    }
    for secondary in &plan.secondaries {
        let name = secondary.definition.table;
        let first = *relations.entry((secondary.owner.schema, cut(name))).or_insert(name);
        check_apart(spelling, first, name).map_err(|error| error.with_entity(secondary.owner.name))?;
    }
    Ok(())
}

#[cfg(feature = "postgres")]
fn check_apart(spelling: Spelling, first: &str, name: &str) -> Result<()> {
    if first == name {
        return Ok(());
    }
    let limit = spelling.max_identifier();
    Err(Error::new(
        ErrorKind::Schema,
        format!(
            "`{first}` and `{name}` are one name to PostgreSQL, which keeps the first {limit} bytes of a name; nothing was sent. Give \
             one of them a shorter one"
        ),
    ))
}
