//! It is declared `read_only`.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn inflate() -> Changes<User> {
    User::changes().visits(1_000_000)
}

fn main() {}
