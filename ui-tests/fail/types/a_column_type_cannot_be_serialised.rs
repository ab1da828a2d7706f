//! A detached value is JSON, and so is each of its columns.

use orm_core::prelude::*;

#[derive(Clone, Copy, Debug, ColumnType)]
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
