//! The author of a post is a user.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, Tag};

fn sign(post: Persistent<'_, Post>, tag: Persistent<'_, Tag>) -> Result<(), Error> {
    post.set_author(&tag)
}

fn main() {}
