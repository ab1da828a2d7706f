//! An attribute of the object that expires.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn reread(session: &mut Session, user: Key<User>) {
    session.expire_attributes(user, Post::TITLE);
}

fn main() {}
