//! The row may have to be inserted.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn save(session: &Session) -> Result<(), Error> {
    session.upsert(User::builder().email("ada@x.org"), on_conflict(User::EMAIL)).await?;
    Ok(())
}

fn main() {}
