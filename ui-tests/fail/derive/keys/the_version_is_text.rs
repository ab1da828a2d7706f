//! A version is counted.

use orm_core::prelude::*;

#[derive(Entity)]
struct Tag {
    #[orm(primary_key)]
    id: i64,
    #[orm(version)]
    version: String,
}

fn main() {}
