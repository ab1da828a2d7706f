//! What the filter left out would be taken out.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

async fn publish(session: &Session, post: Persistent<'_, Post>) -> Result<(), Error> {
    let user = session.get_one::<User>(7).selectin(User::POSTS.limit(3)).await?;
    user.replace_posts([post])
}

fn main() {}
