//! Ours.

use chrono::NaiveDateTime;
use orm_core::prelude::*;

#[derive(Entity)]
#[orm(table = "bench_users")]
pub struct User {
    #[orm(primary_key)]
    id: i64,
    name: String,
    hair_color: Option<String>,
    created_at: NaiveDateTime,
    #[orm(foreign_key = user_id)]
    posts: HasMany<Post>,
}

#[derive(Entity)]
#[orm(table = "bench_posts")]
pub struct Post {
    #[orm(primary_key)]
    id: i64,
    user_id: i64,
    title: String,
    #[orm(foreign_key = post_id)]
    comments: HasMany<Comment>,
}

#[derive(Entity)]
#[orm(table = "bench_comments")]
pub struct Comment {
    #[orm(primary_key)]
    id: i64,
    post_id: i64,
    text: String,
}

#[derive(Entity)]
#[orm(table = "bench_new_users")]
pub struct NewUser {
    #[orm(primary_key)]
    id: i64,
    name: String,
    hair_color: Option<String>,
    created_at: NaiveDateTime,
}
