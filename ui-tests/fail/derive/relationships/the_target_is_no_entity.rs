//! It has no derive.

use orm_core::prelude::*;

struct Author;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    author_id: i64,
    author: BelongsTo<Author>,
}

fn main() {}
