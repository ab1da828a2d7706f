//! A user has posts.

use orm_core::prelude::*;
use orm_ui_tests::entities::*;

fn print(user: &Detached<User, loaded!(User { post })>) {
    println!("{}", user.name());
}

fn main() {}
