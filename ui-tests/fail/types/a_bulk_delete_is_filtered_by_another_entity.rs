//! For a condition on another table: `User::POSTS.any(..)`.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn remove() -> Delete<User> {
    User::delete().filter(Post::TITLE.eq("Notes"))
}

fn main() {}
