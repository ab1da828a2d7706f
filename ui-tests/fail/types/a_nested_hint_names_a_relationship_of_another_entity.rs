//! Below posts there are relationships of posts.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn find(session: &Session) -> Result<(), Error> {
    session.all(&User::select().selectin(User::POSTS.selectin(User::PROFILE))).await?;
    Ok(())
}

fn main() {}
