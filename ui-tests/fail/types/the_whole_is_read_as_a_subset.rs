//! The query set no limit and no filter.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn count(session: &Session) -> Result<usize, Error> {
    let user = session.one(&User::select().selectin(User::POSTS)).await?;
    Ok(user.posts_subset().len())
}

fn main() {}
