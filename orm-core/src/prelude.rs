//! What a program that uses the ORM imports: `use orm_core::prelude::*;`.

pub use orm_derive::{ColumnType, Entity, Row};

pub use crate::{
    database::{Backend, Database, StatementLog},
    entity::{Changes, Deferred, Entity, Key},
    error::{Conflict, Error, ErrorKind, StateError},
    handle::{Detached, Many, Member, Pending, Persistent, Transient},
    load::{AtLeast, Load},
    loaded,
    query::{Delete, Select, Update},
    relationship::{BelongsTo, HasMany, HasOne, ManyToMany},
    schema,
    session::{Session, SessionFactory},
};
