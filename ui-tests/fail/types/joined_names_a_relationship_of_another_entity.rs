//! A query of users loads relationships of users.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

async fn find(session: &Session) -> Result<(), Error> {
    session.all(&User::select().joined(Post::AUTHOR)).await?;
    Ok(())
}

fn main() {}
