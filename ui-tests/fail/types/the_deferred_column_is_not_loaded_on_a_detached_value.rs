//! What was not selected was not handed out.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn print(user: &Detached<User>) {
    println!("{:?}", user.bio());
}

fn main() {}
