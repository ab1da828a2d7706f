//! It is called `author_id`.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    author_id: i64,
    #[orm(foreign_key = autor_id)]
    author: BelongsTo<User>,
}

fn main() {}
