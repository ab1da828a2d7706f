//! What an item means: the entity, its columns and relationships, with every name that will be generated.

mod column;
mod column_type;
mod entity;
mod field_type;
mod known_type;
mod mending;
mod relation;
mod row;
mod shape;

pub(crate) use self::column::{ColumnModel, Generation};
pub(crate) use self::column_type::{ColumnTypeModel, EnumModel, EnumStorage, NewtypeModel};
pub(crate) use self::entity::{EntityModel, Member, Role};
pub(crate) use self::field_type::RelationKind;
pub(crate) use self::known_type::{KnownType, argument_of};
pub(crate) use self::relation::{ForeignKey, RelationModel};
pub(crate) use self::row::{RowFieldModel, RowModel};
