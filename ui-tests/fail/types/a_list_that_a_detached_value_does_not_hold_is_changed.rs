//! A change of a list is a change of what was in it when it was detached.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn edit(mut user: Detached<User>) -> Result<(), Error> {
    user.remove_from_posts(Key::<Post>::new(7))
}

fn main() {}
