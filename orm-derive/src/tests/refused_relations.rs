//! Relationships.

use super::render::{pin, refused_entities};

#[test]
fn foreign_keys() {
    pin!(refused_entities(&[
        ("a parent without a column", "struct Post { #[orm(primary_key)] id: i64,\n  author: BelongsTo<User>\n}"),
        (
            "a parent with a column almost named so",
            "struct Post { #[orm(primary_key)] id: i64, autor_id: i64,\n  author: BelongsTo<User>\n}"
        ),
        (
            "children without a column",
            "struct BlogUser { #[orm(primary_key)] id: i64,\n  posts: HasMany<models::Post>\n}"
        ),
        ("a child without a column", "struct User { #[orm(primary_key)] id: i64,\n  profile: HasOne<Profile>\n}"),
        (
            "misspelled",
            "struct Post { #[orm(primary_key)] id: i64, author_id: i64,\n  #[orm(foreign_key = auhtor_id)] author: BelongsTo<User>\n}"
        ),
        (
            "itself",
            "struct Post { #[orm(primary_key)] id: i64, author_id: i64,\n  #[orm(foreign_key = author)] author: BelongsTo<User>\n}"
        ),
        (
            "another relationship",
            "struct Post { #[orm(primary_key)] id: i64, editor_id: i64, editor: BelongsTo<User>,\n  #[orm(foreign_key = editor)] author: BelongsTo<User>\n}"
        ),
        (
            "a column twice",
            "struct Post { #[orm(primary_key)] id: i64, a: i64,\n  #[orm(foreign_key = (a, a))] author: BelongsTo<User>\n}"
        ),
        (
            "deferred",
            "struct Post { #[orm(primary_key)] id: i64, author_id: Deferred<i64>,\n  #[orm(foreign_key = author_id)] author: BelongsTo<User>\n}"
        ),
        (
            "of two for one",
            "struct Post { #[orm(primary_key)] id: i64, a: i64, b: i64,\n  #[orm(foreign_key = (a, b), references = id)] author: BelongsTo<User>\n}"
        ),
        (
            "of one for a key of two",
            "struct Team { #[orm(primary_key)] a: i64, #[orm(primary_key)] b: i64,\n  #[orm(foreign_key = team_a)] members: HasMany<User>\n}"
        ),
        (
            "references of no column",
            "struct Team { #[orm(primary_key)] id: i64, code: String,\n  #[orm(foreign_key = team_code, references = cod)] members: HasMany<User>\n}"
        ),
        (
            "written by two",
            "struct Post { #[orm(primary_key)] id: i64, author_id: i64, author: BelongsTo<User>,\n  #[orm(foreign_key = author_id)] writer: BelongsTo<User>\n}"
        ),
    ]));
}

#[test]
fn cascades_and_actions() {
    pin!(refused_entities(&[
        (
            "orphans of a parent",
            "struct Post { #[orm(primary_key)] id: i64, author_id: i64,\n  #[orm(cascade = \"all, delete-orphan\")] author: BelongsTo<User>\n}"
        ),
        (
            "orphans of a many-to-many",
            "struct Post { #[orm(primary_key)] id: i64,\n  #[orm(secondary = \"t\", cascade = \"all, delete-orphan\")] tags: ManyToMany<Tag>\n}"
        ),
        (
            "orphans without delete",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(foreign_key = user_id, cascade = \"delete-orphan\")] posts: HasMany<Post>\n}"
        ),
        (
            "viewonly with a cascade",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(foreign_key = user_id, viewonly, cascade = \"all\")] posts: HasMany<Post>\n}"
        ),
        (
            "viewonly with passive_deletes",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(foreign_key = user_id, viewonly, passive_deletes)] posts: HasMany<Post>\n}"
        ),
        (
            "viewonly with post_update",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(foreign_key = user_id, viewonly, post_update)] posts: HasMany<Post>\n}"
        ),
        (
            "post_update on NOT NULL",
            "struct Post { #[orm(primary_key)] id: i64, author_id: i64,\n  #[orm(post_update)] author: BelongsTo<User>\n}"
        ),
        (
            "an action without a constraint",
            "struct Post { #[orm(primary_key)] id: i64, author_id: i64,\n  #[orm(unenforced, on_delete = \"cascade\")] author: BelongsTo<User>\n}"
        ),
        (
            "set null on NOT NULL",
            "struct Post { #[orm(primary_key)] id: i64, author_id: i64,\n  #[orm(on_delete = \"set null\")] author: BelongsTo<User>\n}"
        ),
    ]));
}

#[test]
fn secondary_tables() {
    pin!(refused_entities(&[
        ("not said", "struct Post { #[orm(primary_key)] id: i64,\n  tags: ManyToMany<Tag>\n}"),
        (
            "too few columns for the key",
            "struct Post { #[orm(primary_key)] a: i64, #[orm(primary_key)] b: i64,\n  #[orm(secondary(table = \"t\", owner = \"post_a\"))] tags: ManyToMany<Tag>\n}"
        ),
        (
            "linked to itself",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(secondary = \"friends\")] friends: ManyToMany<User>\n}"
        ),
        (
            "linked to Self",
            "struct User { #[orm(primary_key)] id: i64,\n  #[orm(secondary = \"friends\")] friends: ManyToMany<Self>\n}"
        ),
    ]));
}
