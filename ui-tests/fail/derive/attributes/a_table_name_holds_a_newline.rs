//! Quotes let a name hold almost anything, but no database takes a control character in one.

use orm_core::prelude::*;

#[derive(Entity)]
#[orm(table = "us\ners")]
pub struct User {
    #[orm(primary_key)]
    id: i64,
}

fn main() {}
