//! An attribute of the object that is read again.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

async fn reread(session: &Session, user: Persistent<'_, User>) -> Result<(), Error> {
    session.refresh(&user).only(Post::TITLE).await
}

fn main() {}
