//! It is called `author_id`.

use orm_core::prelude::*;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    author_id: i64,
    author: BelongsTo<Author>,
}

#[derive(Entity)]
struct Author {
    #[orm(primary_key)]
    id: i64,
    #[orm(foreign_key = autor_id)]
    notes: HasMany<Note>,
}

fn main() {}
