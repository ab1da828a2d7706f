//! One table is updated.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn rename() -> Update<User> {
    User::update().set(Post::TITLE, "Notes")
}

fn main() {}
