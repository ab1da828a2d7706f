//! A detached value belongs to no session.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn sign(post: Persistent<'_, Post>, author: &Detached<User>) -> Result<(), Error> {
    post.set_author(author)
}

fn main() {}
