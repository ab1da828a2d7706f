//! `unique`.

use orm_core::prelude::*;

#[derive(Entity)]
struct Tag {
    #[orm(primary_key)]
    id: i64,
    #[orm(uniqe)]
    name: String,
}

fn main() {}
