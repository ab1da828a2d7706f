//! `#[derive(ColumnType)]`.

use orm_core::prelude::*;

#[derive(Clone, Copy, Debug, serde::Serialize)]
enum Status {
    Draft,
    Published,
}

#[derive(Entity)]
#[orm(table = "posts")]
struct Post {
    #[orm(primary_key)]
    id: i64,
    status: Status,
}

fn main() {}
