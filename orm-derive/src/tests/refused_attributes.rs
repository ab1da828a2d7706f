//! Keys that nobody knows, that belong elsewhere or are written wrong.

use super::render::{Case, pin, refused_entities};

#[test]
fn keys_that_are_unknown_or_misplaced() {
    pin!(refused_entities(&[
        ("an unknown key of the struct", "#[orm(tabel = \"users\")]\nstruct User { #[orm(primary_key)] id: i64 }"),
        ("an unknown key of a column", "struct User {\n  #[orm(primaryKey)] id: i64\n}"),
        ("another library's word", "struct User {\n  #[orm(primary_key, auto_increment)] id: i64\n}"),
        ("a word that is near nothing", "struct User {\n  #[orm(primary_key, frobnicate)] id: i64\n}"),
        ("a key of the struct on a column", "struct User {\n  #[orm(primary_key, table = \"x\")] id: i64\n}"),
        ("a key of a column on the struct", "#[orm(primary_key)]\nstruct User { #[orm(primary_key)] id: i64 }"),
        (
            "a key of a relationship on a column",
            "struct Post {\n  #[orm(primary_key)] id: i64,\n  #[orm(foreign_key = user)] user_id: i64\n}",
        ),
        (
            "a key of a column on a relationship",
            "struct Post { #[orm(primary_key)] id: i64, user_id: i64,\n  #[orm(sensitive)] user: BelongsTo<User>\n}",
        ),
        (
            "on_delete where the key is not",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(foreign_key = user_id, on_delete = \"cascade\")] posts: HasMany<Post>\n}",
        ),
        (
            "a foreign key of a many-to-many",
            "struct Post { #[orm(primary_key)] id: i64,\n  #[orm(secondary = \"t\", foreign_key = tag_id)] tags: ManyToMany<Tag>\n}",
        ),
        (
            "a group without Deferred",
            "struct Post { #[orm(primary_key)] id: i64,\n  #[orm(group = \"texts\")] body: String\n}"
        ),
        (
            "order_by of one",
            "struct Post { #[orm(primary_key)] id: i64, user_id: i64,\n  #[orm(order_by = id)] user: BelongsTo<User>\n}"
        ),
    ]));
}

#[test]
fn keys_that_are_written_wrong() {
    pin!(refused_entities(&[
        ("nothing in it", "#[orm]\nstruct User { #[orm(primary_key)] id: i64 }"),
        ("an empty list", "struct User {\n  #[orm(primary_key)] id: i64,\n  #[orm()] name: String\n}"),
        ("twice in one list", "#[orm(table = \"a\", table = \"b\")]\nstruct User { #[orm(primary_key)] id: i64 }"),
        ("twice in two lists", "struct User {\n  #[orm(primary_key)]\n  #[orm(primary_key)]\n  id: i64\n}"),
        ("no value", "#[orm(table)]\nstruct User { #[orm(primary_key)] id: i64 }"),
        ("a value cut short", "#[orm(table = )]\nstruct User { #[orm(primary_key)] id: i64 }"),
        (
            "a value of another kind",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(length = \"255\")] name: String\n}"
        ),
        (
            "a number too large",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(length = 5000000000)] name: String\n}"
        ),
        ("a value where none is", "struct User {\n  #[orm(primary_key = true)] id: i64\n}"),
        ("an empty string", "#[orm(table = \"\")]\nstruct User { #[orm(primary_key)] id: i64 }"),
        ("an empty column", "struct User { #[orm(primary_key)] id: i64,\n  #[orm(column = \" \")] name: String\n}"),
        ("a string for a key", "#[orm(\"users\")]\nstruct User { #[orm(primary_key)] id: i64 }"),
        ("no comma", "struct User { #[orm(primary_key)] id: i64,\n  #[orm(unique length = 3)] name: String\n}"),
        ("a rule that is none", "#[orm(rename_all = \"camel\")]\nstruct User { #[orm(primary_key)] id: i64 }"),
        (
            "a method that is none",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(getter = \"fn\")] name: String\n}"
        ),
        ("an index of nothing", "#[orm(index())]\nstruct User { #[orm(primary_key)] id: i64 }"),
        ("an index with a wrong word", "#[orm(index(id, nam = \"x\"))]\nstruct User { #[orm(primary_key)] id: i64 }"),
        (
            "a server default that is not SQL text",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(server_default = 7)] age: i32\n}"
        ),
    ]));
}

#[test]
fn values_of_relationships_that_are_written_wrong() {
    let relation = |title, attribute: &str| -> Case {
        let source =
            format!("struct User {{ #[orm(primary_key)] id: i64, parent_id: Option<i64>,\n  #[orm({attribute}\n}}");
        (title, Box::leak(source.into_boxed_str()))
    };
    pin!(refused_entities(&[
        relation("a quoted field", "foreign_key = \"parent_id\")] parent: BelongsTo<User>"),
        relation("an empty list of fields", "foreign_key = ())] parent: BelongsTo<User>"),
        relation(
            "an unknown cascade",
            "foreign_key = user_id, cascade = \"all, delete-orphans\")] posts: HasMany<Post>"
        ),
        relation("an unknown action", "on_delete = \"nullify\")] parent: BelongsTo<User>"),
        relation("an action misspelled", "on_delete = \"cascde\")] parent: BelongsTo<User>"),
        relation("an order in a string", "foreign_key = user_id, order_by = \"title\")] posts: HasMany<Post>"),
        relation(
            "an order with a wrong direction",
            "foreign_key = user_id, order_by = (title down))] posts: HasMany<Post>"
        ),
        relation("a secondary with a wrong word", "secondary(table = \"t\", source = \"a\"))] tags: ManyToMany<Tag>"),
        relation("a secondary without a table", "secondary(owner = \"a\"))] tags: ManyToMany<Tag>"),
    ]));
}
