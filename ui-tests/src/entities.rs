//! The blog of the design page, and a few columns that only some rules need.

use chrono::{DateTime, Utc};
use orm_core::prelude::*;

/// Who writes.
#[derive(Entity)]
#[orm(table = "users")]
pub struct User {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique, length = 255)]
    email: String,
    name: String,
    #[orm(version)]
    version: i32,
    #[orm(server_default = "CURRENT_TIMESTAMP")]
    created_at: DateTime<Utc>,
    #[orm(read_only, server_default = "0")]
    visits: i64,
    bio: Deferred<Option<String>>,
    #[orm(foreign_key = author_id, cascade = "all, delete-orphan")]
    posts: HasMany<Post>,
    #[orm(foreign_key = user_id)]
    profile: HasOne<Profile>,
}

/// What there is to say about a user.
#[derive(Entity)]
#[orm(table = "profiles")]
pub struct Profile {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    user_id: i64,
    user: BelongsTo<User>,
    city: Option<String>,
}

/// What is written.
#[derive(Entity)]
#[orm(table = "posts")]
pub struct Post {
    #[orm(primary_key)]
    id: i64,
    title: String,
    author_id: i64,
    #[orm(foreign_key = author_id, back_populates = posts)]
    author: BelongsTo<User>,
    #[orm(secondary = "post_tags")]
    tags: ManyToMany<Tag>,
}

/// What it is about.
#[derive(Entity)]
#[orm(table = "tags")]
pub struct Tag {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    name: String,
}
