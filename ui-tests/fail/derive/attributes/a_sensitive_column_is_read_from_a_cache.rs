//! What is never written cannot be read.

use orm_core::prelude::*;

#[derive(Entity)]
#[orm(table = "users", deserialize)]
struct User {
    #[orm(primary_key)]
    id: i64,
    #[orm(sensitive)]
    password_hash: String,
}

fn main() {}
