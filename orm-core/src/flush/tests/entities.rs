//! The entities of these tests.

use crate::prelude::*;

#[derive(Entity)]
#[orm(table = "users")]
pub(super) struct User {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    email: String,
    name: Option<String>,
    #[orm(foreign_key = author_id, back_populates = author, order_by = id)]
    posts: HasMany<Post>,
    #[orm(foreign_key = editor_id, back_populates = editor, order_by = id)]
    edited: HasMany<Post>,
    #[orm(foreign_key = user_id, back_populates = user, cascade = "all, delete-orphan")]
    profile: HasOne<Profile>,
}

#[derive(Entity)]
#[orm(table = "profiles")]
pub(super) struct Profile {
    #[orm(primary_key)]
    id: i64,
    text: String,
    #[orm(unique)]
    user_id: i64,
    #[orm(foreign_key = user_id, back_populates = profile)]
    user: BelongsTo<User>,
}

#[derive(Entity)]
#[orm(table = "posts")]
pub(super) struct Post {
    #[orm(primary_key)]
    id: i64,
    title: String,
    author_id: i64,
    editor_id: Option<i64>,
    #[orm(foreign_key = author_id, back_populates = posts)]
    author: BelongsTo<User>,
    #[orm(foreign_key = editor_id, back_populates = edited)]
    editor: BelongsTo<User>,
    #[orm(foreign_key = post_id, back_populates = post, cascade = "all, delete-orphan", order_by = id)]
    comments: HasMany<Comment>,
    #[orm(secondary = "post_tags", back_populates = posts, order_by = id)]
    tags: ManyToMany<Tag>,
}

#[derive(Entity)]
#[orm(table = "comments")]
pub(super) struct Comment {
    #[orm(primary_key)]
    id: i64,
    text: String,
    post_id: i64,
    #[orm(foreign_key = post_id, back_populates = comments)]
    post: BelongsTo<Post>,
}

#[derive(Entity)]
#[orm(table = "tags")]
pub(super) struct Tag {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    name: String,
    #[orm(secondary = "post_tags", back_populates = tags, order_by = id)]
    posts: ManyToMany<Post>,
}

/// Refers to itself; the program may set the key.
#[derive(Entity)]
#[orm(table = "nodes")]
pub(super) struct Node {
    #[orm(primary_key)]
    id: i64,
    name: String,
    parent_id: Option<i64>,
    #[orm(foreign_key = parent_id, back_populates = children)]
    parent: BelongsTo<Node>,
    #[orm(foreign_key = parent_id, back_populates = parent, order_by = id, cascade = "all, delete-orphan")]
    children: HasMany<Node>,
}

/// Two tables in a circle: one of the keys may be NULL.
#[derive(Entity)]
#[orm(table = "teams")]
pub(super) struct Team {
    #[orm(primary_key)]
    id: i64,
    name: String,
    lead_id: Option<i64>,
    #[orm(foreign_key = lead_id)]
    lead: BelongsTo<Worker>,
    #[orm(foreign_key = team_id, back_populates = team, cascade = "all, delete-orphan")]
    workers: HasMany<Worker>,
}

#[derive(Entity)]
#[orm(table = "workers")]
pub(super) struct Worker {
    #[orm(primary_key)]
    id: i64,
    name: String,
    team_id: i64,
    #[orm(foreign_key = team_id, back_populates = workers)]
    team: BelongsTo<Team>,
}

#[derive(Entity)]
#[orm(table = "documents")]
pub(super) struct Document {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    slug: String,
    #[orm(server_default = "'draft'")]
    state: String,
    #[orm(on_update = "'touched'")]
    touched: Option<String>,
    body: Deferred<Option<String>>,
    #[orm(version)]
    version: i32,
}

/// A key that the program makes, of two columns.
#[derive(Entity)]
#[orm(table = "lines")]
pub(super) struct Line {
    #[orm(primary_key, generated = false)]
    sheet: i64,
    #[orm(primary_key, generated = false)]
    number: i64,
    #[orm(server_default = "'-'")]
    text: String,
}
