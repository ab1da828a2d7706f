//! The posts of a user are posts.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Tag, User};

fn tag(user: Persistent<'_, User>, tag: Persistent<'_, Tag>) -> Result<(), Error> {
    user.add_to_posts(&tag)
}

fn main() {}
