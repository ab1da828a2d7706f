//! For a condition on another table: `User::POSTS.any(..)`.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn rename() -> Update<User> {
    User::update().filter(Post::TITLE.eq("Notes")).set(User::NAME, "Ada")
}

fn main() {}
