//! An entity owns its row.

use orm_core::prelude::*;

#[derive(Entity)]
struct Tag<'a> {
    #[orm(primary_key)]
    id: i64,
    name: &'a str,
}

fn main() {}
