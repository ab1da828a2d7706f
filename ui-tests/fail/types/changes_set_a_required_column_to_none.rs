//! Only an `Option` is nullable.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn forget() -> Changes<User> {
    User::changes().name(None)
}

fn main() {}
