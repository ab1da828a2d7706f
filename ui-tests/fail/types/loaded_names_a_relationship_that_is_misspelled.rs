//! A user has posts.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

struct Page {
    user: Detached<User, loaded!(User { post })>,
}

fn main() {}
