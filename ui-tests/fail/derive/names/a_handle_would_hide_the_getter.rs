//! `note.clone()` copies the handle.

use orm_core::prelude::*;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    clone: bool,
}

fn main() {}
