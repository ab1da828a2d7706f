//! The posts are there, their author is not.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn print(user: &Detached<User, loaded!(User { posts })>) {
    for post in user.posts() {
        println!("{}", post.author().name());
    }
}

fn main() {}
