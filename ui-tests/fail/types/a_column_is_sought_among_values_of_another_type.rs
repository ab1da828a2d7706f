//! An id is a number.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn query() -> Select<User> {
    User::select().filter(User::ID.in_(["7", "8"]))
}

fn main() {}
