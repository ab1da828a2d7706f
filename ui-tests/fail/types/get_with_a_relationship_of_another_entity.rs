//! A user has no author.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

async fn find(session: &Session) -> Result<(), Error> {
    session.get_one::<User>(7).selectin(Post::AUTHOR).await?;
    Ok(())
}

fn main() {}
