//! A query of users is sorted by columns of users.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn query() -> Select<User> {
    User::select().order_by(Post::TITLE.asc())
}

fn main() {}
