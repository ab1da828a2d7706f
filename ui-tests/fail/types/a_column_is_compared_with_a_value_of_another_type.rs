//! A name is text.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn query() -> Select<User> {
    User::select().filter(User::NAME.eq(7))
}

fn main() {}
