//! It is not a table.

use orm_core::prelude::*;
use orm_ui_tests::entities::*;

struct Draft {
    title: String,
}

type Loaded = loaded!(Draft { title });

fn main() {}
