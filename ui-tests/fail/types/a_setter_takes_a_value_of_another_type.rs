//! A name is text.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn rename(user: Persistent<'_, User>) {
    user.set_name(7);
}

fn main() {}
