//! A name is text.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn rename() -> Changes<User> {
    User::changes().name(7)
}

fn main() {}
