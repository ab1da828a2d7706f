//! A column holds one value.

use orm_core::prelude::*;

#[derive(Clone, Debug, ColumnType)]
struct Point(f64, f64);

fn main() {}
