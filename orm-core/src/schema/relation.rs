//! One relationship between two entities.

use super::EntityDef;

/// Which side holds the foreign key, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationKind {
    /// The foreign key is here: many-to-one.
    BelongsTo,
    /// The foreign key is there, and unique: one-to-one.
    HasOne,
    /// The foreign key is there: one-to-many.
    HasMany,
    /// The foreign keys are in a table between: many-to-many.
    ManyToMany,
}

impl RelationKind {
    /// Whether it has many targets.
    #[must_use]
    pub const fn is_many(self) -> bool {
        matches!(self, Self::HasMany | Self::ManyToMany)
    }
}

/// What the database does to the rows on the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnAction {
    /// The database's default: refuse.
    #[default]
    NoAction,
    /// Refuse at once.
    Restrict,
    /// Do the same to them.
    Cascade,
    /// Set their foreign key to NULL.
    SetNull,
    /// Set their foreign key to its default.
    SetDefault,
}

/// The table between the two sides of a many-to-many.
#[derive(Debug)]
pub struct SecondaryDef {
    /// The table.
    pub table: &'static str,
    /// Its columns that refer to the owner's primary key, in the key's order.
    pub owner_columns: &'static [&'static str],
    /// Its columns that refer to the target's primary key, in the key's order.
    pub target_columns: &'static [&'static str],
}

/// One relationship, seen from its owner.
#[derive(Debug)]
pub struct RelationDef {
    /// The field: `posts`.
    pub name: &'static str,
    /// Which kind.
    pub kind: RelationKind,
    /// The entity on the other side.
    pub target: fn() -> &'static EntityDef,
    /// The *fields* of the foreign key: of the owner for `BelongsTo`, of the target for `HasOne` and `HasMany`, none for `ManyToMany`.
    pub foreign_key: &'static [&'static str],
    /// The *fields* that the foreign key refers to, on the side that does not hold it; empty: the primary key.
    pub references: &'static [&'static str],
    /// The table between, for `ManyToMany`.
    pub secondary: Option<SecondaryDef>,
    /// The field on the other side that is the same relationship.
    pub back_populates: Option<&'static str>,
    /// For `BelongsTo`: whether the target may be missing (the foreign key is nullable, or `unenforced`).
    pub optional: bool,
    /// `#[orm(unenforced)]`: no constraint in the database, the target may be missing although the key is there.
    pub unenforced: bool,
    /// What the constraint does when the referred row is deleted.
    pub on_delete: OnAction,
    /// What the constraint does when the referred key changes.
    pub on_update: OnAction,
    /// `cascade = ".., delete"`.
    pub cascade_delete: bool,
    /// `cascade = ".., delete-orphan"`.
    pub delete_orphan: bool,
    /// `passive_deletes`: children that are not loaded are left to the database.
    pub passive_deletes: bool,
    /// `post_update`: within a circle the foreign key is written after the INSERTs and let go before the DELETEs.
    pub post_update: bool,
    /// `viewonly`: never written.
    pub view_only: bool,
    /// `order_by = ".."`: the order of a loaded collection: *fields* of the target and whether descending.
    pub order_by: &'static [(&'static str, bool)],
}

impl RelationDef {
    /// With nothing declared about it but its name, kind and target.
    #[must_use]
    pub const fn new(name: &'static str, kind: RelationKind, target: fn() -> &'static EntityDef) -> Self {
        Self {
            name,
            kind,
            target,
            foreign_key: &[],
            references: &[],
            secondary: None,
            back_populates: None,
            optional: false,
            unenforced: false,
            on_delete: OnAction::NoAction,
            on_update: OnAction::NoAction,
            cascade_delete: false,
            delete_orphan: false,
            passive_deletes: false,
            post_update: false,
            view_only: false,
            order_by: &[],
        }
    }
}
