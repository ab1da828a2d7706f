//! The session counts it.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn skip() -> Changes<User> {
    User::changes().version(8)
}

fn main() {}
