//! One error for each.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn create(session: &Session) -> Result<(), Error> {
    session.insert(User::builder()).await?;
    Ok(())
}

fn main() {}
