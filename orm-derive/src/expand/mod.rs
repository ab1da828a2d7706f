//! The code that a model becomes: one file for each thing that is emitted.

mod column_type;
mod entity;
mod loaded;
mod root;
mod row;

pub(crate) use self::column_type::column_type;
pub(crate) use self::entity::{entity, entity_in_place};
pub(crate) use self::loaded::loaded;
pub(crate) use self::root::Root;
pub(crate) use self::row::row;
