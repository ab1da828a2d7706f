//! Diesel's.

#![allow(dead_code, reason = "made, not read")]

use chrono::NaiveDateTime;
use diesel::prelude::*;

diesel::table! {
    bench_users (id) { id -> BigInt, name -> Text, hair_color -> Nullable<Text>, created_at -> Timestamp, }
}
diesel::table! {
    bench_new_users (id) { id -> BigInt, name -> Text, hair_color -> Nullable<Text>, created_at -> Timestamp, }
}
diesel::table! {
    bench_posts (id) { id -> BigInt, user_id -> BigInt, title -> Text, }
}
diesel::table! {
    bench_comments (id) { id -> BigInt, post_id -> BigInt, text -> Text, }
}
diesel::allow_tables_to_appear_in_same_query!(bench_users, bench_posts, bench_comments);

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = bench_users)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub hair_color: Option<String>,
    pub created_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = bench_new_users)]
pub struct NewUser {
    pub name: String,
    pub hair_color: Option<String>,
    pub created_at: NaiveDateTime,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = bench_posts, belongs_to(User))]
pub struct Post {
    pub id: i64,
    pub user_id: i64,
    pub title: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = bench_comments, belongs_to(Post))]
pub struct Comment {
    pub id: i64,
    pub post_id: i64,
    pub text: String,
}
