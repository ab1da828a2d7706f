//! A post's changes are no user's.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn rename(session: &Session, user: Persistent<'_, User>) -> Result<(), Error> {
    session.apply(&user, Post::changes().title("Ada"))
}

fn main() {}
