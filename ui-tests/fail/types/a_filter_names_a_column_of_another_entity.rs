//! A query of users is filtered by columns of users.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn query() -> Select<User> {
    User::select().filter(Post::TITLE.eq("Notes"))
}

fn main() {}
