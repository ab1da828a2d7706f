//! They have no derive.

use orm_core::prelude::*;

struct Note;

#[derive(Entity)]
struct Author {
    #[orm(primary_key)]
    id: i64,
    #[orm(foreign_key = author_id)]
    notes: HasMany<Note>,
}

fn main() {}
