//! `table`.

use orm_core::prelude::*;

#[derive(Entity)]
#[orm(tabel = "tags")]
struct Tag {
    #[orm(primary_key)]
    id: i64,
}

fn main() {}
