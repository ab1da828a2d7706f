//! An inspection is of one entity.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn show(session: &Session, user: Persistent<'_, User>) -> Result<(), Error> {
    println!("{:?}", session.inspect(&user)?.history(Post::TITLE));
    Ok(())
}

fn main() {}
