//! Items that cannot be what was derived.

use super::render::{errors_of_entity, pin, refused_entities, refused_rows};

#[test]
fn items_that_are_no_entity() {
    pin!(refused_entities(&[
        ("an enum", "enum User { A, B }"),
        ("a tuple struct", "struct User(i64, String);"),
        ("a unit struct", "struct User;"),
        ("a union", "union User { a: u32, b: f32 }"),
        ("a type parameter", "struct User<T> { #[orm(primary_key)] id: i64, value: T }"),
        ("a lifetime", "struct User<'a> { #[orm(primary_key)] id: i64, name: &'a str }"),
        ("a const parameter", "struct User<const N: usize> { #[orm(primary_key)] id: i64 }"),
        ("no fields", "struct User {}"),
        ("relationships only", "struct User {\n  #[orm(foreign_key = author_id)] posts: HasMany<Post>\n}"),
    ]));
}

#[test]
fn items_that_are_no_row() {
    pin!(refused_rows(&[
        ("an enum", "enum Total { A }"),
        ("a tuple struct", "struct Total(i64);"),
        ("generic", "struct Total<T> { count: T }"),
        ("two fields of one column", "struct Total {\n  count: i64,\n  #[orm(column = \"count\")] again: i64\n}"),
        ("a key of an entity", "struct Total {\n  #[orm(primary_key)] id: i64\n}"),
    ]));
}

/// One compile shows them all, each once.
#[test]
fn every_error_of_an_item_comes_at_once() {
    pin!(errors_of_entity(
        r#"#[orm(tabel = "users", rename_all = "camel")]
struct User {
    #[orm(primary_kee)] id: i64,
    #[orm(length = 0, unique = true)] name: String,
    clone: bool,
    #[orm(cascade = "all, delete-orphans")] posts: HasMany<Post>,
    #[orm(foreign_key = paren_id)] parent: BelongsTo<User>,
    parent_id: Option<i64>,
}"#
    ));
}
