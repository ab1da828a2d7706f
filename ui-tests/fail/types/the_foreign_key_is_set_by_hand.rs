//! The relationship writes it, so that both agree.

use orm_core::prelude::*;
use orm_ui_tests::entities::Post;

fn move_to(post: Persistent<'_, Post>, author: i64) {
    post.set_author_id(author);
}

fn main() {}
