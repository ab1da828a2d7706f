//! A row has columns.

use orm_core::prelude::*;

#[derive(Row)]
enum Total {
    Count,
}

fn main() {}
