//! A user has no author.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

async fn sign(session: &Session, user: Persistent<'_, User>) -> Result<(), Error> {
    session.assign(&user, Post::AUTHOR, Key::new(7)).await
}

fn main() {}
