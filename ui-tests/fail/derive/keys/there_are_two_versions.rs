//! One of them is counted.

use orm_core::prelude::*;

#[derive(Entity)]
struct Tag {
    #[orm(primary_key)]
    id: i64,
    #[orm(version)]
    version: i32,
    #[orm(version)]
    revision: i32,
}

fn main() {}
