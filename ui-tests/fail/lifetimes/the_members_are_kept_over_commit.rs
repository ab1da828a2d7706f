//! The members of a relationship are handles too.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn count(session: &mut Session) -> Result<usize, Error> {
    let user = session.get_one::<User>(7).selectin(User::POSTS).await?;
    let posts = user.posts();
    session.commit().await?;
    Ok(posts.len())
}

fn main() {}
