//! Everything goes through the innermost savepoint.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

async fn attempt(session: &mut Session) -> Result<(), Error> {
    let savepoint = session.savepoint().await?;
    session.insert(Tag::builder().name("rust")).await?;
    savepoint.release().await
}

fn main() {}
