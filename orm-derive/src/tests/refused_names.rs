//! Names of fields that make names which clash.

use super::render::{pin, refused_entities};

#[test]
fn names() {
    pin!(refused_entities(&[
        ("a method of handles", "struct User { #[orm(primary_key)] id: i64,\n  clone: bool\n}"),
        (
            "a method of handles, as a relationship",
            "struct User { #[orm(primary_key)] id: i64, into_id: i64,\n  into: BelongsTo<User>\n}"
        ),
        (
            "a getter renamed to one",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(getter = \"eq\")] name: String\n}"
        ),
        ("a method of builders", "struct User { #[orm(primary_key)] id: i64,\n  build: String\n}"),
        ("a setter", "struct User { #[orm(primary_key)] id: i64, name: String,\n  set_name: String\n}"),
        (
            "a setter, the other way round",
            "struct User { #[orm(primary_key)] id: i64,\n  set_name: String, name: String\n}"
        ),
        (
            "a try of a relationship",
            "struct User { #[orm(primary_key)] id: i64, #[orm(foreign_key = user_id)] posts: HasMany<Post>,\n  try_posts: i64\n}"
        ),
        (
            "a subset",
            "struct User { #[orm(primary_key)] id: i64, #[orm(foreign_key = user_id)] posts: HasMany<Post>,\n  posts_subset: i64\n}"
        ),
        (
            "an add",
            "struct User { #[orm(primary_key)] id: i64, #[orm(foreign_key = user_id)] posts: HasMany<Post>,\n  add_to_posts: i64\n}"
        ),
        (
            "two getters",
            "struct User { #[orm(primary_key)] id: i64, name: String,\n  #[orm(getter = \"name\")] title: String\n}"
        ),
        ("a constant", "struct User { #[orm(primary_key)] id: i64, type_: String,\n  r#type: String\n}"),
    ]));
}
