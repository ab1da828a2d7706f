//! Only an `Option` is nullable.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn rename(user: Persistent<'_, User>) {
    user.set_name(None);
}

fn main() {}
