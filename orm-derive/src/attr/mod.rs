//! What the user wrote in `#[orm(..)]` and `#[serde(..)]`: the grammar of each attribute, and nothing across them.

mod cascade;
mod column;
mod column_type;
mod container;
mod crate_path;
mod docs;
mod keys;
mod reader;
mod relation;
mod row;
mod serde;
mod value;

pub(crate) use self::cascade::Cascade;
pub(crate) use self::column::{ClientDefault, ColumnSettings};
pub(crate) use self::column_type::{EnumSettings, NewtypeSettings, VariantSettings};
pub(crate) use self::container::EntitySettings;
pub(crate) use self::crate_path::crate_path;
pub(crate) use self::docs::Docs;
pub(crate) use self::keys::Place;
pub(crate) use self::reader::Setting;
pub(crate) use self::relation::{OnAction, RelationSettings};
pub(crate) use self::row::{RowFieldSettings, RowSettings};
pub(crate) use self::serde::{Deserializing, SerdeContainer, SerdeField, Serializing};
