//! It is declared so.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn visit(user: Persistent<'_, User>) {
    user.set_visits(user.visits() + 1);
}

fn main() {}
