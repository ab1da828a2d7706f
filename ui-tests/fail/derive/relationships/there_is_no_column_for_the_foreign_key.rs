//! It holds the key of the author.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    author: BelongsTo<User>,
}

fn main() {}
