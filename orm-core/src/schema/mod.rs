//! What the derive knows of an entity, as constants: tables, columns, relationships.

mod column;
mod relation;

pub use column::{ColumnDef, EnumDef, Generation, SqlType};
pub use relation::{OnAction, RelationDef, RelationKind, SecondaryDef};

/// One entity and its table.
#[derive(Debug)]
pub struct EntityDef {
    /// The name of the Rust type: `User`.
    pub name: &'static str,
    /// The database schema, where one was given.
    pub schema: Option<&'static str>,
    /// The table: `users`.
    pub table: &'static str,
    /// The columns in the order of the fields.
    pub columns: &'static [ColumnDef],
    /// The positions of the primary key's columns in `columns`.
    pub primary_key: &'static [usize],
    /// The relationships in the order of the fields.
    pub relations: &'static [RelationDef],
    /// Indexes and unique constraints of more than one column, and plain indexes.
    pub indexes: &'static [IndexDef],
    /// Table-level CHECK constraints, as SQL.
    pub checks: &'static [&'static str],
    /// A number that no other entity of the process has.
    #[doc(hidden)]
    pub index: &'static EntityIndex,
    /// Makes what a session keeps for the entity. Opaque here: the state layer knows what it is.
    #[doc(hidden)]
    pub new_store: fn() -> Box<dyn std::any::Any + Send + Sync>,
}

impl EntityDef {
    /// The position of the column that the field of this name is.
    #[must_use]
    pub fn column_of_field(&self, field: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.field == field)
    }

    /// The columns of a unique constraint, by the name that it has on MySQL or in the entity; none where it is not known.
    fn columns_of_constraint(&self, name: &str) -> Vec<usize> {
        if name == "PRIMARY" {
            return self.primary_key.to_vec();
        }
        if let Some(index) = self.indexes.iter().find(|index| index.unique && index.name == name) {
            return index.columns.to_vec();
        }
        // The constraint of one column is called as the column.
        self.columns.iter().position(|column| column.name == name).into_iter().collect()
    }

    /// The position of the relationship of this name.
    #[must_use]
    pub fn relation_of_field(&self, field: &str) -> Option<usize> {
        self.relations.iter().position(|relation| relation.name == field)
    }
}

impl crate::error::Error {
    /// The columns of a unique constraint that the database named by its name alone.
    pub(crate) fn with_columns_of(self, def: &EntityDef) -> Self {
        if self.kind() != crate::error::ErrorKind::UniqueViolation || !self.columns().is_empty() {
            return self;
        }
        let Some(constraint) = self.constraint().map(str::to_owned) else { return self };
        let columns = def.columns_of_constraint(&constraint);
        let names = columns.iter().filter_map(|column| def.columns.get(*column)).map(|column| column.name.to_owned());
        let names = names.collect();
        self.with_constraint(Some(constraint), names)
    }
}

/// An index or a unique constraint over columns of one table.
#[derive(Debug)]
pub struct IndexDef {
    /// The name in the database.
    pub name: &'static str,
    /// Positions in [`EntityDef::columns`].
    pub columns: &'static [usize],
    /// Whether it forbids duplicates.
    pub unique: bool,
}

/// A number for an entity type, given out at its first use in the process: dense, so that a session can keep its stores in an array.
#[derive(Debug)]
pub struct EntityIndex(std::sync::OnceLock<usize>);

impl EntityIndex {
    /// Not yet numbered.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "const, for statics")]
    pub const fn new() -> Self {
        Self(std::sync::OnceLock::new())
    }

    /// The number.
    pub fn get(&self) -> usize {
        static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        *self.0.get_or_init(|| NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }
}
