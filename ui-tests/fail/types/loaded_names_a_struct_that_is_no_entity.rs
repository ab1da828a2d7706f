//! It is not a table.

use orm_core::prelude::*;

struct Draft;

struct Page<L = loaded!(Draft {})> {
    load: L,
}

fn main() {}
