//! A child does not delete its parent.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    author_id: i64,
    #[orm(cascade = "all, delete-orphan")]
    author: BelongsTo<User>,
}

fn main() {}
