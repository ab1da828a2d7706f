//! `delete-orphan`.

use orm_core::prelude::*;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    author_id: i64,
}

#[derive(Entity)]
struct Author {
    #[orm(primary_key)]
    id: i64,
    #[orm(foreign_key = author_id, cascade = "all, delete-orphans")]
    notes: HasMany<Note>,
}

fn main() {}
