//! A `Vec` of text is not one value.

use orm_core::prelude::*;

#[derive(Entity)]
#[orm(table = "posts")]
struct Post {
    #[orm(primary_key)]
    id: i64,
    tags: Vec<String>,
}

fn main() {}
