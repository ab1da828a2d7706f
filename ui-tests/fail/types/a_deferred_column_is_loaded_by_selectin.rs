//! A column is selected, not loaded by a statement of its own.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn find(session: &Session) -> Result<(), Error> {
    session.all(&User::select().selectin(User::BIO)).await?;
    Ok(())
}

fn main() {}
