//! The session counts it.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn skip(user: Persistent<'_, User>) {
    user.set_version(8);
}

fn main() {}
