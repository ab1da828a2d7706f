//! The row is inserted without the foreign key, which is written afterwards.

use orm_core::prelude::*;

#[derive(Entity)]
struct Link {
    #[orm(primary_key)]
    id: i64,
    next_id: i64,
    #[orm(post_update)]
    next: BelongsTo<Link>,
}

fn main() {}
