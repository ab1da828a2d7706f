//! It is declared by the relationship.

use orm_core::prelude::*;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    #[orm(foreign_key = users)]
    author_id: i64,
}

fn main() {}
