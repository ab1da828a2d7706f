//! An entity is one table.

use orm_core::prelude::*;

#[derive(Entity)]
struct Tag<T> {
    #[orm(primary_key)]
    id: i64,
    value: T,
}

fn main() {}
