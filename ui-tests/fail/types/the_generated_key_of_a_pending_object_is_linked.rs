//! A pending object is linked as it is: `post.add_to_tags(&tag)?`.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, Tag};

fn add(session: &Session, post: Persistent<'_, Post>) -> Result<(), Error> {
    let tag = session.add(Tag::builder().name("rust"))?;
    post.add_to_tags(Key::new(tag.id()))
}

fn main() {}
