//! A row has a value for each column that is not an `Option`.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn new_user() -> Transient<User> {
    User::builder().email("ada@x.org").build()
}

fn main() {}
