//! Its foreign key is another.

use orm_core::prelude::*;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    author_id: i64,
    editor_id: i64,
    #[orm(back_populates = edited)]
    author: BelongsTo<Author>,
    editor: BelongsTo<Author>,
}

#[derive(Entity)]
struct Author {
    #[orm(primary_key)]
    id: i64,
    #[orm(foreign_key = editor_id)]
    edited: HasMany<Note>,
}

fn main() {}
