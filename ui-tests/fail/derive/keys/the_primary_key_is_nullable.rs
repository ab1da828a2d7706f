//! NULL identifies no row.

use orm_core::prelude::*;

#[derive(Entity)]
struct Tag {
    #[orm(primary_key)]
    id: Option<i64>,
    name: String,
}

fn main() {}
