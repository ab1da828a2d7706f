//! Two lists of one relationship.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn find(session: &Session) -> Result<(), Error> {
    let query = User::select().selectin(User::POSTS.limit(4)).selectin(User::POSTS);
    session.all(&query).await?;
    Ok(())
}

fn main() {}
