//! An object is known by its key.

use orm_core::prelude::*;

#[derive(Entity)]
struct Tag {
    #[orm(primary_key)]
    id: Deferred<i64>,
    name: String,
}

fn main() {}
