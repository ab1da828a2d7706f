//! The members of a relationship are read through it.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn count(session: &mut Session) -> Result<usize, Error> {
    let posts = session.get_one::<User>(7).selectin(User::POSTS).await?.posts();
    session.expire_attributes::<User>(7, User::POSTS);
    Ok(posts.len())
}

fn main() {}
