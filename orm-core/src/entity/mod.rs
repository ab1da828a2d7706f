//! What the derive implements for a user's struct.

use crate::schema::EntityDef;

/// A struct that is the row of a table: made by `#[derive(Entity)]`, never by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    label = "not an entity",
    note = "derive it: `#[derive(Entity)]` with `#[orm(table = \"..\")]`"
)]
pub trait Entity: Sized + Send + Sync + 'static {
    /// The table, its columns and relationships.
    const DEF: &'static EntityDef;
}
