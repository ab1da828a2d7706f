//! Commit flushes it and expires it: it is not pending any more.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

async fn add(session: &mut Session) -> Result<(), Error> {
    let tag = session.add(Tag::builder().name("rust"))?;
    session.commit().await?;
    println!("{}", tag.name());
    Ok(())
}

fn main() {}
