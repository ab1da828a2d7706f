//! A post has no bio.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

async fn find(session: &Session) -> Result<(), Error> {
    session.all(&Post::select().undefer(User::BIO)).await?;
    Ok(())
}

fn main() {}
