//! A savepoint is released; the session around it commits.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

async fn attempt(session: &mut Session) -> Result<(), Error> {
    let savepoint = session.savepoint().await?;
    savepoint.insert(Tag::builder().name("rust")).await?;
    savepoint.commit().await
}

fn main() {}
