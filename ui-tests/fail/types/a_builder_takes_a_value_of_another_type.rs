//! A name is text.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

fn new_tag() -> Transient<Tag> {
    Tag::builder().name(7).build()
}

fn main() {}
