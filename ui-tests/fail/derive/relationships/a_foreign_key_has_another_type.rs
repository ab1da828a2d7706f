//! The key of an author is an `i64`.

use orm_core::prelude::*;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    author_id: i32,
    author: BelongsTo<Author>,
}

#[derive(Entity)]
struct Author {
    #[orm(primary_key)]
    id: i64,
}

fn main() {}
