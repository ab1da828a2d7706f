//! A detached value belongs to no session: its key leads to the object.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

async fn again(session: &Session, tag: Detached<Tag>) -> Result<(), Error> {
    session.refresh(&tag).await?;
    Ok(())
}

fn main() {}
