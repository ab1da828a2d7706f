//! The handle's list is the filtered one: `get` the object again for the whole.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn count(session: &Session) -> Result<usize, Error> {
    let user = session.get_one::<User>(7).selectin(User::POSTS.limit(3)).await?;
    Ok(session.load(&user, User::POSTS).await?.posts().len())
}

fn main() {}
