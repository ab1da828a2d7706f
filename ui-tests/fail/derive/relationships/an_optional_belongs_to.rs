//! Whether there may be none follows from the column.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    author_id: Option<i64>,
    author: Option<BelongsTo<User>>,
}

fn main() {}
