//! A limited list is never taken for all of them.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn count(session: &Session) -> Result<usize, Error> {
    let user = session.one(&User::select().selectin(User::POSTS.limit(10))).await?;
    Ok(user.posts().len())
}

fn main() {}
