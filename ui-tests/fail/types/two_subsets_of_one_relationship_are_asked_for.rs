//! A list is one list.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn find(session: &Session) -> Result<(), Error> {
    let query = User::select().selectin(User::POSTS.limit(3)).selectin(User::POSTS.limit(4));
    session.all(&query).await?;
    Ok(())
}

fn main() {}
