//! It has no row that could be read: flush first.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

async fn reread(session: &Session) -> Result<(), Error> {
    let tag = session.add(Tag::builder().name("rust"))?;
    session.refresh(&tag).await
}

fn main() {}
