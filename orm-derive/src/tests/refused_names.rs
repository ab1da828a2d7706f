//! Names of fields that make names which clash, and names that no database takes.

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
            "a list to be written to",
            "struct User { #[orm(primary_key)] id: i64, #[orm(foreign_key = user_id)] posts: HasMany<Post>,\n  posts_mut: i64\n}"
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

#[test]
fn names_in_the_database() {
    pin!(refused_entities(&[
        (
            "a table of two lines",
            r#"#[orm(table = "us\ners")]
struct User { #[orm(primary_key)] id: i64 }"#
        ),
        (
            "a schema with a NUL",
            r#"#[orm(schema = "a\0b")]
struct User { #[orm(primary_key)] id: i64 }"#
        ),
        (
            "a column with a tab",
            r#"struct User { #[orm(primary_key)] id: i64,
  #[orm(column = "na\tme")] name: String
}"#
        ),
        (
            "a column that ends with a blank",
            r#"struct User { #[orm(primary_key)] id: i64,
  #[orm(column = "name ")] name: String
}"#
        ),
        (
            "an index with a bell",
            r#"#[orm(index(name, name = "i\u{7}"))]
struct User { #[orm(primary_key)] id: i64, name: String }"#
        ),
        (
            "a table between",
            r#"struct User { #[orm(primary_key)] id: i64,
  #[orm(secondary(table = "p", owner = "a\n", target = "b"))] tags: ManyToMany<Tag>
}"#
        ),
    ]));
}
