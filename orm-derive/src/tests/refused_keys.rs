//! Primary keys, generated values and versions.

use super::render::{pin, refused_entities};

#[test]
fn keys() {
    pin!(refused_entities(&[
        ("none", "struct User { name: String }"),
        ("none, but an id", "struct User { id: i64, name: String }"),
        ("deferred", "struct User {\n  #[orm(primary_key)] id: Deferred<i64>\n}"),
        ("nullable", "struct User {\n  #[orm(primary_key)] id: Option<i64>\n}"),
        ("sensitive", "struct User {\n  #[orm(primary_key, sensitive)] id: i64\n}"),
        ("version", "struct User {\n  #[orm(primary_key, version)] id: i64\n}"),
        ("read only", "struct User {\n  #[orm(primary_key, read_only)] id: i64\n}"),
        ("on update", "struct User {\n  #[orm(primary_key, on_update = \"1\")] id: i64\n}"),
    ]));
}

#[test]
fn generated() {
    pin!(refused_entities(&[
        ("not the key", "struct User { #[orm(primary_key)] id: i64,\n  #[orm(generated = true)] number: i64\n}"),
        (
            "one of several",
            "struct User {\n  #[orm(primary_key, generated = true)] a: i64,\n  #[orm(primary_key)] b: i64\n}"
        ),
        ("text", "struct User {\n  #[orm(primary_key, generated = true)] id: String\n}"),
        ("a UUID", "struct User {\n  #[orm(primary_key, generated = true)] id: uuid::Uuid\n}"),
        ("with a default", "struct User {\n  #[orm(primary_key, generated = true, default = next_id())] id: i64\n}"),
        (
            "with a server default",
            "struct User {\n  #[orm(primary_key, generated = true, server_default = \"1\")] id: i64\n}"
        ),
    ]));
}

#[test]
fn versions() {
    pin!(refused_entities(&[
        ("text", "struct User { #[orm(primary_key)] id: i64,\n  #[orm(version)] version: String\n}"),
        ("a moment", "struct User { #[orm(primary_key)] id: i64,\n  #[orm(version)] version: chrono::DateTime<Utc>\n}"),
        ("nullable", "struct User { #[orm(primary_key)] id: i64,\n  #[orm(version)] version: Option<i32>\n}"),
        ("two", "struct User { #[orm(primary_key)] id: i64, #[orm(version)] a: i32,\n  #[orm(version)] b: i32\n}"),
        ("deferred", "struct User { #[orm(primary_key)] id: i64,\n  #[orm(version)] version: Deferred<i32>\n}"),
        ("read only", "struct User { #[orm(primary_key)] id: i64,\n  #[orm(version, read_only)] version: i32\n}"),
        (
            "on update",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(version, on_update = \"1\")] version: i32\n}"
        ),
    ]));
}
