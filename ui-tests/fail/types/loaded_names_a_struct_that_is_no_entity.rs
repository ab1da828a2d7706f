//! It is not a table.

use orm_core::prelude::*;

struct Draft;

type Bare = loaded!(Draft {});

fn main() {}
