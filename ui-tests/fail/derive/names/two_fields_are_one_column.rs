//! A column is one field.

use orm_core::prelude::*;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(column = "name")]
    title: String,
}

fn main() {}
