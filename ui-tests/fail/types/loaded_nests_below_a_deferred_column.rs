//! A column has nothing below it.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

struct Page {
    user: Detached<User, loaded!(User { bio { text } })>,
}

fn main() {}
