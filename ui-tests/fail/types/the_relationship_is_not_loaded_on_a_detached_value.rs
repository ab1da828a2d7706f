//! What was not loaded was not handed out.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn print(user: &Detached<User>) {
    println!("{}", user.posts().len());
}

fn main() {}
