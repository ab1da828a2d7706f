//! What a program that uses the ORM imports: `use orm_core::prelude::*;`.

#[cfg(feature = "serde")]
pub use crate::handle::Cached;
pub use orm_derive::{ColumnType, Entity, Row};

pub use crate::{
    database::{Backend, BeginMode, Database, Isolation, StatementLog},
    entity::{Changes, Deferred, Entity, Key, Patch},
    error::{Conflict, Error, ErrorKind, StateError},
    expr::{OrderBy, Predicate},
    handle::{Detached, Many, Member, Pending, Persistent, Transient},
    load::{AtLeast, Load},
    loaded,
    query::{Delete, Select, Update, on_conflict},
    relationship::{BelongsTo, HasMany, HasOne, ManyToMany},
    schema,
    session::{Session, SessionFactory},
};
