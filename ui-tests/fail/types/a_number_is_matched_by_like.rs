//! A pattern matches text.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn query() -> Select<User> {
    User::select().filter(User::ID.like("7%"))
}

fn main() {}
