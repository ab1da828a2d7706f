//! `back_populates`.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    author_id: i64,
    #[orm(back_populate = notes)]
    author: BelongsTo<User>,
}

fn main() {}
