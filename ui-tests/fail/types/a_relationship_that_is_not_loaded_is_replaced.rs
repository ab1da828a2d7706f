//! What is taken out must be known: `add_to_posts` and `clear_posts` need nothing loaded.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn publish(user: Persistent<'_, User>, post: Persistent<'_, Post>) -> Result<(), Error> {
    user.replace_posts([post])
}

fn main() {}
