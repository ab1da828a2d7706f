//! What a server would refuse, said before anything is sent.

use super::{Spelling, order::Plan};
use crate::error::{Error, ErrorKind, Result};

/// Refuses names that are too long for MySQL. PostgreSQL cuts them at every use alike.
pub(super) fn check(spelling: Spelling, plan: &Plan) -> Result<()> {
    #[cfg(feature = "mysql")]
    if matches!(spelling, Spelling::MySql { .. }) {
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
    }
    let _ = (spelling, plan);
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
