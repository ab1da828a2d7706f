//! The author of a post is a user.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, Tag};

fn sign(tag: Key<Tag>) -> Changes<Post> {
    Post::changes().author(tag)
}

fn main() {}
