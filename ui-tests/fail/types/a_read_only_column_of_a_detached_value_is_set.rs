//! It is declared so.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn visit(user: &mut Detached<User>) {
    user.set_visits(8);
}

fn main() {}
