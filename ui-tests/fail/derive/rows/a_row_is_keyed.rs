//! A row is what a query gives, not a table.

use orm_core::prelude::*;

#[derive(Row)]
struct Total {
    #[orm(primary_key)]
    count: i64,
}

fn main() {}
