//! Whether it is there was decided at run time.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn count(session: &Session, include: bool) -> Result<usize, Error> {
    let user = session.one(&User::select().selectin_if(include, User::POSTS)).await?;
    Ok(user.posts().len())
}

fn main() {}
