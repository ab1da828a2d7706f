//! Columns, indexes and the types of fields.

use super::render::{pin, refused_entities};

#[test]
fn columns() {
    pin!(refused_entities(&[
        (
            "one name for two",
            "struct User { #[orm(primary_key)] id: i64, name: String,\n  #[orm(column = \"name\")] title: String\n}"
        ),
        (
            "one name by a rule",
            "#[orm(rename_all = \"lowercase\")]\nstruct User { #[orm(primary_key)] id: i64, userName: String,\n  username: String\n}"
        ),
        (
            "read only with a default",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(read_only, default)] total: i64\n}"
        ),
        (
            "read only with on_update",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(read_only, on_update = \"1\")] total: i64\n}"
        ),
        (
            "a length of a number",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(length = 3)] age: Option<i32>\n}"
        ),
        ("a length of nothing", "struct User { #[orm(primary_key)] id: i64,\n  #[orm(length = 0)] name: String\n}"),
    ]));
}

#[test]
fn serializing() {
    pin!(refused_entities(&[
        ("flatten", "struct User { #[orm(primary_key)] id: i64,\n  #[serde(flatten)] settings: Json\n}"),
        ("rename_all that is none", "#[serde(rename_all = \"Camel\")]\nstruct User { #[orm(primary_key)] id: i64 }"),
        (
            "a relationship through a function",
            "struct User { #[orm(primary_key)] id: i64,\n  #[serde(serialize_with = \"count\")] #[orm(foreign_key = user_id)] posts: HasMany<Post>\n}",
        ),
        (
            "a relationship left out by a function",
            "struct User { #[orm(primary_key)] id: i64,\n  #[serde(skip_serializing_if = \"Vec::is_empty\")] #[orm(foreign_key = user_id)] posts: HasMany<Post>\n}",
        ),
    ]));
}

#[test]
fn indexes() {
    pin!(refused_entities(&[
        ("of no column", "#[orm(index(emial))]\nstruct User { #[orm(primary_key)] id: i64, email: String }"),
        ("unique over no column", "#[orm(unique(id, x))]\nstruct User { #[orm(primary_key)] id: i64 }"),
        ("of a column twice", "#[orm(index(id, id))]\nstruct User { #[orm(primary_key)] id: i64 }"),
        (
            "of a relationship",
            "#[orm(index(author))]\nstruct Post { #[orm(primary_key)] id: i64, author_id: i64, author: BelongsTo<User> }",
        ),
        ("twice", "#[orm(index(id), index(id))]\nstruct User { #[orm(primary_key)] id: i64 }"),
    ]));
}

#[test]
fn types_of_fields() {
    pin!(refused_entities(&[
        ("nothing in HasMany", "struct User { #[orm(primary_key)] id: i64,\n  posts: HasMany\n}"),
        ("two in BelongsTo", "struct User { #[orm(primary_key)] id: i64,\n  parent: BelongsTo<User, Team>\n}"),
        ("nothing in Deferred", "struct User { #[orm(primary_key)] id: i64,\n  bio: Deferred\n}"),
        (
            "an optional BelongsTo",
            "struct User { #[orm(primary_key)] id: i64, team_id: i64,\n  team: Option<BelongsTo<Team>>\n}"
        ),
        ("an optional HasOne", "struct User { #[orm(primary_key)] id: i64,\n  profile: Option<HasOne<Profile>>\n}"),
        ("an optional Deferred", "struct User { #[orm(primary_key)] id: i64,\n  bio: Option<Deferred<String>>\n}"),
        ("a Vec of HasMany", "struct User { #[orm(primary_key)] id: i64,\n  posts: Vec<HasMany<Post>>\n}"),
        ("a deferred relationship", "struct User { #[orm(primary_key)] id: i64,\n  posts: Deferred<HasMany<Post>>\n}"),
    ]));
}

/// What is never written cannot be read.
#[test]
fn deserializing() {
    pin!(refused_entities(&[
        (
            "a sensitive column",
            "#[orm(deserialize)]\nstruct User { #[orm(primary_key)] id: i64,\n  #[orm(sensitive)] password: String\n}"
        ),
        (
            "a column that serde skips",
            "#[orm(deserialize)]\nstruct User { #[orm(primary_key)] id: i64,\n  #[serde(skip)] internal: i32\n}"
        ),
        (
            "a column that is not written",
            "#[orm(deserialize)]\nstruct User { #[orm(primary_key)] id: i64,\n  #[serde(skip_serializing)] internal: i32\n}"
        ),
        ("a value", "#[orm(deserialize = \"yes\")]\nstruct User { #[orm(primary_key)] id: i64 }"),
        ("on a column", "struct User { #[orm(primary_key)] id: i64,\n  #[orm(deserialize)] name: String\n}"),
    ]));
}
