//! A user has posts.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

type WithPosts = loaded!(User { post });

fn main() {}
