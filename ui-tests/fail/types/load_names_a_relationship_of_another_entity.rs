//! A user has no author.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

async fn find(session: &Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    session.load(&user, Post::AUTHOR).await?;
    Ok(())
}

fn main() {}
