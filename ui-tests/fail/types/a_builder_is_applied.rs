//! A builder is a new object.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

fn rename(session: &Session, tag: Persistent<'_, Tag>) -> Result<(), Error> {
    session.apply(&tag, Tag::builder().name("rust"))
}

fn main() {}
