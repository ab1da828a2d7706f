//! The unique column is one of the row that is inserted.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Tag, User};

async fn save(session: &Session) -> Result<(), Error> {
    session.upsert(Tag::builder().name("rust"), on_conflict(User::EMAIL)).await?;
    Ok(())
}

fn main() {}
