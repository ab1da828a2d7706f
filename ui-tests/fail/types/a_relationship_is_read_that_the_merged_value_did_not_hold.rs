//! The handle holds what the value held.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn count(session: &Session, user: Detached<User>) -> Result<usize, Error> {
    let user = session.merge(user).await?;
    Ok(user.posts().len())
}

fn main() {}
