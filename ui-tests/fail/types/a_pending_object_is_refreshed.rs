//! A pending object has no row to read again.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

async fn again(session: &Session) -> Result<(), Error> {
    let tag = session.add(Tag::builder().name("rust"))?;
    session.refresh(&tag).await?;
    Ok(())
}

fn main() {}
