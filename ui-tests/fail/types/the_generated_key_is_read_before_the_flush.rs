//! The database makes it.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

fn add(session: &Session) -> Result<i64, Error> {
    let tag = session.add(Tag::builder().name("rust"))?;
    Ok(tag.id())
}

fn main() {}
