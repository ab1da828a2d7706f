//! Relationships: the field types a user writes, and the constants that name them in queries.

mod attribute;
mod attributes;
pub(crate) mod by_name;
mod fields;
mod filter;
mod kind;

pub use attribute::{Attribute, DeferredColumn, Rel, Relation};
pub use attributes::{Attributes, HasAttributesOf, IntoAttributes};
pub use fields::{BelongsTo, HasMany, HasOne, ManyToMany};
pub use kind::{BareKind, DeferredKind, Kind, ToMany, ToOne};
