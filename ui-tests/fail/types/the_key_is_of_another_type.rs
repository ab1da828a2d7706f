//! The key of a user is a number.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn find(session: &Session) -> Result<(), Error> {
    session.get_one::<User>("ada").await?;
    Ok(())
}

fn main() {}
