//! The database makes the key when it is flushed. A pending object is linked as it is: `post.add_to_tags(&tag)?`.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

fn add(session: &Session) -> Result<Key<Tag>, Error> {
    let tag = session.add(Tag::builder().name("rust"))?;
    Ok(Key::of(&tag))
}

fn main() {}
