//! What `#[derive(Entity)]`, `#[derive(Row)]` and `loaded!` emit.

use super::render::{expanded_entity, expanded_loaded, expanded_row, pin, refused_loaded};

/// The smallest: a key and a column, no slots.
#[test]
fn entity_of_two_columns() {
    pin!(expanded_entity(
        "/// A tag.\n#[derive(Entity)] pub struct Tag { #[orm(primary_key)] id: i64, label: String }"
    ));
}

/// A relationship of each side and a deferred column.
#[test]
fn entity_with_slots() {
    pin!(expanded_entity(
        r#"#[orm(table = "posts", index(title, author_id))]
        pub(crate) struct Post {
            #[orm(primary_key)]
            id: i64,
            /// What it is called.
            #[orm(unique, length = 80)]
            title: String,
            author_id: Option<i64>,
            body: Deferred<String>,
            #[orm(back_populates = posts, on_delete = "set null")]
            author: BelongsTo<User>,
            #[orm(secondary = "post_tags", order_by = (label, id desc))]
            tags: ManyToMany<Tag>,
        }"#
    ));
}

/// Every attribute of a column.
#[test]
fn definition_of_columns() {
    pin!(definition(&expanded_entity(
        r#"#[orm(table = "accounts", schema = "bank", rename_all = "camelCase", check = "balance >= 0")]
        struct Account {
            #[orm(primary_key)]
            account_id: AccountId,
            #[orm(column = "the_balance", check = "the_balance < 10", index)]
            balance: i64,
            #[orm(version)]
            version: i32,
            #[orm(sensitive, default = secret())]
            secret: String,
            #[orm(server_default = "now()", on_update = "now()")]
            updated_at: Option<DateTime<Utc>>,
            #[orm(read_only)]
            total: i64,
            #[orm(default)]
            r#type: Kind,
        }"#
    )));
}

/// A struct for the key, its columns foreign keys.
#[test]
fn entity_of_a_composite_key() {
    pin!(key(&expanded_entity(
        "struct OrderItem {
            #[orm(primary_key)] order_id: i64,
            #[orm(primary_key)] item_id: i64,
            count: i32,
            order: BelongsTo<Order>,
            item: BelongsTo<Item>,
        }"
    )));
}

/// What serde's attributes do to our own output.
#[test]
fn serialize_as_serde_says() {
    pin!(serialize(&expanded_entity(
        r#"#[serde(rename_all = "camelCase")]
        struct User {
            #[orm(primary_key)] id: i64,
            #[serde(rename = "mail")] email: String,
            first_name: String,
            #[serde(skip)] internal: i32,
            #[orm(sensitive)] password: String,
            #[serde(skip_serializing_if = "Option::is_none")] nick: Option<String>,
            #[serde(with = "iso8601")] born_on: NaiveDate,
            #[serde(skip_serializing_if = "str::is_empty")] long_bio: Deferred<String>,
            #[serde(rename(serialize = "articles", deserialize = "a"))] #[orm(foreign_key = user_id)] posts: HasMany<Post>,
        }"#
    )));
}

/// A setter for each column that may be written; what is read follows serde's attributes.
#[test]
fn changes() {
    pin!(changes_of(&expanded_entity(
        r#"#[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Post {
            #[orm(primary_key)] id: i64,
            #[serde(rename(serialize = "t", deserialize = "headline"), alias = "title")] title: String,
            #[serde(skip_deserializing)] slug: String,
            #[serde(with = "iso8601")] #[orm(sensitive)] born_on: Option<NaiveDate>,
            #[orm(version)] version: i32,
            #[orm(read_only)] visits: i64,
            long_body: Deferred<String>,
            author_id: Option<i64>,
            author: BelongsTo<User>,
            #[orm(foreign_key = post_id)] comments: HasMany<Comment>,
        }"#
    )));
}

/// Detached values are read where the entity asks for it.
#[test]
fn deserialize() {
    pin!(deserialize_of(&expanded_entity(
        r#"#[orm(deserialize)]
        struct Post {
            #[orm(primary_key)] id: i64,
            #[serde(rename = "headline", deserialize_with = "trimmed")] title: String,
            #[orm(sensitive)] secret: Deferred<String>,
            body: Deferred<String>,
            #[orm(foreign_key = post_id)] comments: HasMany<Comment>,
        }"#
    )));
}

#[test]
fn row() {
    pin!(expanded_row(
        "#[orm(rename_all = \"camelCase\")] struct Total { user_name: String, #[orm(column = \"n\")] count: i64 }"
    ));
}

#[test]
fn loaded() {
    pin!(expanded_loaded("::orm_core; models::User { bio, posts { r#type, author {} } }"));
}

#[test]
fn loaded_refused() {
    let refusals = [
        "::orm_core; User posts",
        "::orm_core; User { posts author }",
        "::orm_core; User { \"posts\" }",
        "::orm_core;",
    ];
    pin!(refusals.map(refused_loaded).join("\n"));
}

/// The part between two lines that hold these words.
fn between<'a>(code: &'a str, from: &str, to: &str) -> &'a str {
    let start = code.find(from).expect("the beginning is there");
    let length = code[start..].find(to).expect("the end is there");
    &code[start..start + length]
}

fn definition(code: &str) -> &str {
    between(code, "const DEF:", "type Key")
}

fn key(code: &str) -> &str {
    between(code, "/// The primary key of", "#[doc(hidden)]")
}

fn serialize(code: &str) -> &str {
    between(
        code,
        "impl<\n    __P0: ::orm_core::load::Slot<Attribute = User_long_bio>,\n    __P1: ::orm_core::load::Slot<Attribute = User_posts>,\n> ::orm_core::__private::serde::Serialize",
        "/// A new `User`, set",
    )
}

fn changes_of(code: &str) -> &str {
    &code[code.find("/// Changes of a `Post`").expect("changes are there")..]
}

fn deserialize_of(code: &str) -> &str {
    &code[code.find("> ::orm_core::__private::ReadDetached<").expect("it is read")..]
}
