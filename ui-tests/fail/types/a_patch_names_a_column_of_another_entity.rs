//! What a patch of users may set are columns of users.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn update(patch: Patch<User>) -> Result<Changes<User>, Error> {
    patch.only(Post::TITLE)
}

fn main() {}
