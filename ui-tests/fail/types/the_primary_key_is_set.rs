//! An object is known by its key.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn renumber(user: Persistent<'_, User>) {
    user.set_id(8);
}

fn main() {}
