//! One error for each, in one compile.

use orm_core::prelude::*;

#[derive(Entity)]
#[orm(tabel = "tags")]
struct Tag {
    #[orm(primary_kee)]
    id: i64,
    #[orm(length = 0)]
    name: String,
    clone: bool,
}

fn main() {}
