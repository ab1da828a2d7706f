//! Narrowing only forgets.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn widen(user: Detached<User>) -> Detached<User, loaded!(User { posts })> {
    Detached::narrow(user)
}

fn main() {}
