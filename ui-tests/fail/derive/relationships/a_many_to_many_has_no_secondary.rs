//! Its foreign keys are in a table between.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

#[derive(Entity)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    tags: ManyToMany<Tag>,
}

fn main() {}
