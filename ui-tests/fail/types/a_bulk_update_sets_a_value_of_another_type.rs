//! A column takes its own type.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn rename() -> Update<User> {
    User::update().set(User::NAME, 7)
}

fn main() {}
