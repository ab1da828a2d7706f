//! Foreign keys between entities, whichever side declares the relationship.

use crate::{
    identity::{key_columns, referenced_columns},
    schema::{EntityDef, OnAction, RelationKind},
};

/// One foreign key: which columns of which entity refer to which of another.
#[derive(Clone, Debug)]
pub(super) struct ForeignKey {
    /// The entity that holds it.
    pub(super) child: &'static EntityDef,
    /// The entity that it refers to.
    pub(super) parent: &'static EntityDef,
    /// Its columns, of the child.
    pub(super) columns: Vec<usize>,
    /// What they refer to, of the parent.
    pub(super) referenced: Vec<usize>,
    /// Whether the database has a constraint for it.
    pub(super) enforced: bool,
    /// Whether it is to be written after the rows and let go before them, wherever rows depend on each other by it.
    pub(super) post_update: bool,
    /// What the constraint does when the parent is deleted.
    pub(super) on_delete: OnAction,
    /// The relationship that declares it, for messages: `Post.author`.
    pub(super) declared: (&'static str, &'static str),
}

impl ForeignKey {
    /// The columns that NULL can be written to, so that the row refers to nothing.
    pub(super) fn nullable_columns(&self) -> Vec<usize> {
        nullable(self.child, &self.columns)
    }

    /// `Post.author`.
    pub(super) fn name(&self) -> String {
        format!("{}.{}", self.declared.0, self.declared.1)
    }
}

/// Whether both define one entity: by its number, for a constant may be at several addresses.
pub(super) fn same_entity(one: &EntityDef, other: &EntityDef) -> bool {
    one.index.get() == other.index.get()
}

/// Those of the columns that may be NULL.
pub(super) fn nullable(def: &EntityDef, columns: &[usize]) -> Vec<usize> {
    let may_be_null = |column: &usize| def.columns[*column].nullable && !def.primary_key.contains(column);
    columns.iter().copied().filter(may_be_null).collect()
}

/// The foreign keys among these entities, each once.
pub(super) fn foreign_keys(entities: &[&'static EntityDef]) -> Vec<ForeignKey> {
    let mut keys: Vec<ForeignKey> = Vec::new();
    for &def in entities {
        for relation in def.relations {
            let target = (relation.target)();
            if relation.kind == RelationKind::ManyToMany || !entities.iter().any(|entity| same_entity(entity, target)) {
                continue;
            }
            let (child, parent) = if relation.kind == RelationKind::BelongsTo { (def, target) } else { (target, def) };
            let key = ForeignKey {
                child,
                parent,
                columns: key_columns(child, relation),
                referenced: referenced_columns(parent, relation),
                enforced: !relation.unenforced,
                post_update: relation.post_update,
                on_delete: relation.on_delete,
                declared: (def.name, relation.name),
            };
            let same = |known: &&mut ForeignKey| {
                same_entity(known.child, child) && same_entity(known.parent, parent) && known.columns == key.columns
            };
            match keys.iter_mut().find(same) {
                Some(known) => {
                    known.enforced &= key.enforced;
                    known.post_update |= key.post_update;
                    if known.on_delete == OnAction::NoAction {
                        known.on_delete = key.on_delete;
                    }
                    if relation.kind == RelationKind::BelongsTo {
                        known.declared = key.declared;
                    }
                }
                None => keys.push(key),
            }
        }
    }
    keys
}
