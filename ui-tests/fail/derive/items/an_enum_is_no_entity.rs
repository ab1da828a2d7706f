//! An entity has columns.

use orm_core::prelude::*;

#[derive(Entity)]
enum Status {
    Draft,
    Published,
}

fn main() {}
