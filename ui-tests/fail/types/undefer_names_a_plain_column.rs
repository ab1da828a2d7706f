//! A plain column is always there.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn find(session: &Session) -> Result<(), Error> {
    session.all(&User::select().undefer(User::NAME)).await?;
    Ok(())
}

fn main() {}
