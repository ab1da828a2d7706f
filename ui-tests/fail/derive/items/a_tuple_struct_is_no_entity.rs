//! Columns have names.

use orm_core::prelude::*;

#[derive(Entity)]
struct Tag(i64, String);

fn main() {}
