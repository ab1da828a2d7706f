//! A column holds one value.

use orm_core::prelude::*;

#[derive(Clone, Debug, ColumnType)]
enum Mood {
    Happy,
    Sad(String),
}

fn main() {}
