//! The key of a post is not the key of a user.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

async fn find(session: &Session, post: Key<Post>) -> Result<(), Error> {
    session.get_one::<User>(post).await?;
    Ok(())
}

fn main() {}
