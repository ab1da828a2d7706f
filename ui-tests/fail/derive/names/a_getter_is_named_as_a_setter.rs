//! `name` makes a setter of that name.

use orm_core::prelude::*;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    name: String,
    set_name: String,
}

fn main() {}
