//! As somebody writes them who has only a driver.

#![allow(dead_code, reason = "made, not read")]

use chrono::NaiveDateTime;

pub const MANY: &str = "SELECT id, name, hair_color, created_at FROM bench_users WHERE id <= $1";
pub const ONE: &str = "SELECT id, name, hair_color, created_at FROM bench_users WHERE id = $1";
pub const RENAME: &str = "UPDATE bench_users SET name = $1 WHERE id = $2";
pub const RENAME_MYSQL: &str = "UPDATE bench_users SET name = ? WHERE id = ?";

#[derive(sqlx::FromRow)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub hair_color: Option<String>,
    pub created_at: NaiveDateTime,
}

impl User {
    pub fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, name: row.get(1)?, hair_color: row.get(2)?, created_at: row.get(3)? })
    }
}

#[derive(sqlx::FromRow)]
pub struct Post {
    pub id: i64,
    pub user_id: i64,
    pub title: String,
}

impl Post {
    pub fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, user_id: row.get(1)?, title: row.get(2)? })
    }
}

#[derive(sqlx::FromRow)]
pub struct Comment {
    pub id: i64,
    pub post_id: i64,
    pub text: String,
}

impl Comment {
    pub fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, post_id: row.get(1)?, text: row.get(2)? })
    }
}
