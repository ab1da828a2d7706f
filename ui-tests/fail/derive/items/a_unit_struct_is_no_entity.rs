//! An entity has columns.

use orm_core::prelude::*;

#[derive(Entity)]
struct Tag;

fn main() {}
