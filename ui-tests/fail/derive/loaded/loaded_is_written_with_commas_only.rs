//! What is loaded stands in braces.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

type WithPosts = loaded!(User, posts);

fn main() {}
