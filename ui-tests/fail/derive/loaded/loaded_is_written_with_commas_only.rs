//! What is loaded stands in braces.

use orm_core::prelude::*;

type WithPosts = loaded!(orm_ui_tests::entities::User, posts);

fn main() {}
