//! One row is inserted or updated.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, Tag};

async fn save(session: &Session) -> Result<(), Error> {
    session.upsert(Tag::builder().name("rust"), on_conflict(Tag::NAME).update(Post::TITLE)).await?;
    Ok(())
}

fn main() {}
