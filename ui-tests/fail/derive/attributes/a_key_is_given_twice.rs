//! Which of them is meant?

use orm_core::prelude::*;

#[derive(Entity)]
#[orm(table = "tags", table = "labels")]
struct Tag {
    #[orm(primary_key)]
    id: i64,
}

fn main() {}
