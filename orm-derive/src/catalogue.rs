//! Every message of the derives, on one page.
//!
//! A headline says what is wrong and can be read alone; the caret says where; `help` is what to type, `note` is why.
//! Where rustc says it better (an unknown type, a missing import), nothing is said here.

use crate::attr::Place;
use crate::diagnostics::Message;
use crate::naming::RenameRule;

/// Which derive speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derive {
    Entity,
    ColumnType,
    Row,
}

// ---- the item -------------------------------------------------------------------------------------------------------

pub(crate) fn not_a_struct(derive: Derive, name: &str, what: &str) -> Message {
    let subject = match derive {
        Derive::Row => "a row",
        Derive::Entity | Derive::ColumnType => "an entity",
    };
    let message = Message::new(format!("`{name}` is {what}: {subject} is a struct with named fields"))
        .help(format!("give it a named field for each column: `struct {name} {{ id: i64, .. }}`"));
    match (derive, what) {
        (Derive::Entity, "an enum") => {
            message.note("an enum without fields can be the type of a column: `#[derive(ColumnType)]`")
        }
        _ => message,
    }
}

pub(crate) fn not_a_column_type(name: &str, what: &str) -> Message {
    Message::new(format!("`{name}` is {what}: a column holds one value"))
        .help("derive `ColumnType` for a newtype, `struct Email(String);`, or an enum whose variants have no fields")
        .note("a value of several parts can be one column as JSON, or several columns")
}

pub(crate) fn variant_with_fields(variant: &str) -> Message {
    Message::new(format!("variant `{variant}` has fields: a column holds one value"))
        .help("take the fields away, or keep them in columns of their own")
}

pub(crate) fn generic(derive: Derive) -> Message {
    match derive {
        Derive::Entity => Message::new("an entity has no generic parameters")
            .note("an entity is one table: write a struct for each table"),
        Derive::ColumnType => Message::new("a column type has no generic parameters")
            .help("write a newtype for each type that a column holds"),
        Derive::Row => {
            Message::new("a row struct has no generic parameters").help("write the types of the columns out")
        }
    }
}

// ---- names in a database --------------------------------------------------------------------------------------------

pub(crate) fn control_character_in_name(name: &str) -> Message {
    Message::new(format!("the name {name:?} holds a control character, which a database does not take"))
        .help("take it out: letters, digits, `_` and blanks between them are taken everywhere")
}

pub(crate) fn blank_around_name(name: &str) -> Message {
    Message::new(format!("the name {name:?} begins or ends with a blank, which MySQL cuts off or refuses"))
        .help("take the blank away")
}

pub(crate) fn nul_in_label(label: &str) -> Message {
    Message::new(format!("the label {label:?} holds a NUL, which no text in PostgreSQL can"))
        .help("give the variant another label: `#[orm(rename = \"..\")]`")
}

// ---- attributes and their grammar -----------------------------------------------------------------------------------

pub(crate) fn attribute_without_list() -> Message {
    Message::new("`#[orm]` says nothing").help("write the keys in parentheses: `#[orm(primary_key)]`, or take it away")
}

pub(crate) fn expected_key() -> Message {
    Message::new("expected a key of `#[orm(..)]`").help("keys are separated by commas: `#[orm(unique, length = 255)]`")
}

pub(crate) fn unknown_key(name: &str, near: Option<&str>) -> Message {
    Message::new(format!("`#[orm(..)]` has no key `{name}`")).did_you_mean(near)
}

pub(crate) fn misplaced_key(name: &str, place: Place, places: &[Place], example: &str) -> Message {
    // Whatever goes on any column is said of columns; only what is for `Deferred` alone says so.
    let any_column = places.contains(&Place::Column);
    let places = places.iter().filter(|place| !(any_column && **place == Place::Deferred));
    let places: Vec<&str> = places.map(|place| place.phrase()).collect();
    let message = Message::new(format!("`{name}` does not belong on {}", place.phrase()));
    match (name, place) {
        ("foreign_key" | "on_delete" | "references" | "back_populates", Place::Column | Place::Deferred) => message
            .help(format!("a foreign key is declared by the relationship beside its column: `#[orm({example})] author: BelongsTo<User>`")),
        ("on_delete" | "on_update" | "unenforced", Place::HasMany | Place::HasOne) => message
            .help("the constraint stands with the foreign key: write it on the `BelongsTo` of the other entity"),
        ("foreign_key" | "references", Place::ManyToMany) => message.help(
            "its keys are in the table between: `secondary(table = \"post_tags\", owner = \"post_id\", target = \"tag_id\")`",
        ),
        ("unique", Place::BelongsTo) => message.help("write it on the column of the foreign key"),
        _ => message.help(format!("it belongs on {}: `#[orm({example})]`", list(&places))),
    }
}

pub(crate) fn duplicate_key(name: &str) -> Message {
    Message::new(format!("`{name}` is given twice")).help("take one of them away")
}

pub(crate) fn malformed(example: &str) -> Message {
    Message::new(format!("expected `{example}`"))
}

pub(crate) fn no_comma(name: &str) -> Message {
    Message::new(format!("expected a comma behind `{name}`"))
}

pub(crate) fn flag_with_value(name: &str) -> Message {
    Message::new(format!("`{name}` takes no value")).help(format!("write `#[orm({name})]`"))
}

pub(crate) fn empty_string(name: &str, example: &str) -> Message {
    Message::new(format!("`{name}` is empty")).help(format!("write it as in `#[orm({example})]`, or take it away"))
}

pub(crate) fn quoted_field(name: &str, field: &str) -> Message {
    Message::new(format!("`{name}` names fields, without quotes")).help(format!("write `{name} = {field}`"))
}

pub(crate) fn not_an_identifier(name: &str) -> Message {
    Message::new(format!("`{name}` cannot be the name of a method"))
        .help("letters, digits and underscores, and no keyword: `getter = \"type_\"`")
}

pub(crate) fn unknown_rename_rule(name: &str) -> Message {
    let rules: Vec<String> = RenameRule::ALL.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    Message::new(format!("no rule to rename is called \"{name}\"")).help(format!("one of {}", rules.join(", ")))
}

pub(crate) fn unknown_index_key(word: &str, key: &str) -> Message {
    Message::new(format!("`{key}` takes fields and a name, not `{word} = ..`"))
        .help(format!("write `{key}(first_field, second_field, name = \"its_name\")`"))
}

pub(crate) fn unknown_secondary_key(word: &str, example: &str) -> Message {
    Message::new(format!("`secondary` has no key `{word}`")).help(format!("write `{example}`"))
}

pub(crate) fn unknown_cascade(word: &str, near: Option<&str>, words: &[&str]) -> Message {
    Message::new(format!("`cascade` has no word `{word}`"))
        .did_you_mean(near)
        .note(format!("the words are {}, separated by commas", words.join(", ")))
}

pub(crate) fn unknown_action<'a>(word: &str, near: Option<&str>, words: impl Iterator<Item = &'a str>) -> Message {
    let words: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
    Message::new(format!("a constraint has no action \"{word}\""))
        .did_you_mean(near)
        .note(format!("the actions are {}", words.join(", ")))
}

// ---- the types of fields --------------------------------------------------------------------------------------------

pub(crate) fn field_type_without_argument(wrapper: &str) -> Message {
    let (what, example) = match wrapper {
        "Deferred" => ("the type of the column", "Deferred<String>"),
        "BelongsTo" => ("the entity that it belongs to", "BelongsTo<User>"),
        "HasOne" => ("the entity that it has", "HasOne<Profile>"),
        "HasMany" => ("the entity that it has", "HasMany<Post>"),
        _ => ("the entity on the other side", "ManyToMany<Tag>"),
    };
    Message::new(format!("`{wrapper}` takes one type: {what}")).help(format!("write `{example}`"))
}

pub(crate) fn wrapped_field_type(outer: &str, inner: &str) -> Message {
    let message = Message::new(format!("`{inner}` cannot stand inside `{outer}`"));
    match (outer, inner) {
        ("Option", "Deferred") => message.help("write `Deferred<Option<..>>`"),
        ("Option", "BelongsTo") => message
            .help("write `BelongsTo<..>` and make the foreign key optional: `author_id: Option<i64>`")
            .note("whether the other side may be missing follows from the column"),
        ("Option", "HasOne") => message.help("write `HasOne<..>`: it may always be missing"),
        _ => message.help(format!("write `{inner}<..>` alone")),
    }
}

pub(crate) fn nested_field_type(outer: &str, inner: &str) -> Message {
    Message::new(format!("`{inner}` cannot stand inside `{outer}`"))
        .help("a field is one relationship or one column")
        .note("relationships are not part of the row: they are loaded when a query says so")
}

pub(crate) fn serde_flatten() -> Message {
    Message::new("`flatten` is not followed by the `Serialize` of detached values")
        .help("take it away, or leave the field out with `#[serde(skip)]`")
}

pub(crate) fn serde_on_relation(relation: &str) -> Message {
    Message::new(format!(
        "`{relation}` is a relationship: a function cannot serialise it, or decide whether it is there"
    ))
    .help("take it away; `#[serde(skip)]` leaves the relationship out")
    .note("what a relationship holds is another type for each load state")
}

// ---- keys, versions, generated values -------------------------------------------------------------------------------

pub(crate) fn no_columns(entity: &str) -> Message {
    Message::new(format!("`{entity}` has no columns")).help("start with its key: `#[orm(primary_key)] id: i64`")
}

pub(crate) fn no_primary_key(entity: &str, has_id: bool) -> Message {
    let message = Message::new(format!("`{entity}` has no primary key"));
    match has_id {
        true => message.help("mark the field: `#[orm(primary_key)]` above `id`"),
        false => message.help("mark the field that identifies a row, or several: `#[orm(primary_key)]`"),
    }
}

pub(crate) fn deferred_key(field: &str) -> Message {
    Message::new(format!("the primary key `{field}` cannot be `Deferred`"))
        .note("an object is known by its key: there is none without it")
}

pub(crate) fn nullable_key(field: &str) -> Message {
    Message::new(format!("the primary key `{field}` cannot be an `Option`"))
        .note("NULL identifies no row; a key that the database makes is simply left out of the builder")
}

pub(crate) fn contradicting_key(field: &str, key: &str) -> Message {
    let why = match key {
        "sensitive" => "keys stand in errors, in `Debug` and in logs",
        "version" => "a version changes at each UPDATE, a key never does",
        _ => "a key is written once, at the INSERT, and never changes",
    };
    Message::new(format!("the primary key `{field}` cannot be `{key}`")).note(why)
}

pub(crate) fn generated_without_key(field: &str) -> Message {
    Message::new(format!("`generated` is for a primary key, and `{field}` is none"))
        .help("a value that the database makes for other columns is `server_default = \"..\"`")
}

pub(crate) fn generated_composite(field: &str) -> Message {
    Message::new(format!("`{field}` is one of several columns of the primary key and cannot be generated"))
        .help("take `generated = true` away and set every part in the builder")
}

pub(crate) fn generated_not_integer(field: &str, ty: &str) -> Message {
    Message::new(format!("the database generates integers, and `{field}` is `{ty}`")).help(
        "let Rust make it: `#[orm(primary_key, default = Uuid::new_v4())]`, or the database: `server_default = \"..\"`",
    )
}

pub(crate) fn generated_and(field: &str, key: &str) -> Message {
    Message::new(format!("`{field}` is `generated = true` and has a `{key}`: only one of them can make the value"))
        .help("take one of them away")
}

pub(crate) fn version_not_integer(field: &str, ty: &str) -> Message {
    Message::new(format!("a version is an integer that counts up, and `{field}` is `{ty}`"))
        .help("write `i32` or `i64`, without `Option`")
}

pub(crate) fn second_version(field: &str, first: &str) -> Message {
    Message::new(format!("`{field}` is a second version: `{first}` is one already")).help("take one of them away")
}

pub(crate) fn contradicting_version(field: &str, key: &str) -> Message {
    Message::new(format!("the version `{field}` cannot be `{key}`"))
        .note("it is read with every object and counted up by every UPDATE")
}

// ---- columns --------------------------------------------------------------------------------------------------------

pub(crate) fn same_column(first: &str, second: &str, column: &str) -> Message {
    Message::new(format!("`{first}` and `{second}` are both the column `{column}`"))
        .help("give one of them another: `#[orm(column = \"..\")]`")
}

pub(crate) fn never_written(field: &str, key: &str) -> Message {
    Message::new(format!("`{field}` is `read_only` and has `{key}`: it is never written"))
        .help("take one of them away")
        .note("a value that the database makes is `read_only` with `server_default`")
}

pub(crate) fn length_of(field: &str, ty: &str) -> Message {
    Message::new(format!("`length` is for text and bytes, and `{field}` is `{ty}`")).help("take `length` away")
}

pub(crate) fn length_zero() -> Message {
    Message::new("`length = 0` leaves room for nothing").help("write how many characters fit: `length = 255`")
}

pub(crate) fn unknown_field(key: &str, field: &str, entity: &str, near: Option<&str>) -> Message {
    Message::new(format!("`{key}` names `{field}`, and `{entity}` has no such column"))
        .did_you_mean(near)
        .note("columns are named as their fields")
}

pub(crate) fn relation_as_column(key: &str, field: &str, columns: &[&str]) -> Message {
    let message = Message::new(format!("`{key}` names `{field}`, which is a relationship, not a column"));
    match columns {
        [] => message.help("name a column's field"),
        columns => message.help(format!("name its column: `{}`", columns.join(", "))),
    }
}

pub(crate) fn repeated_field(key: &str, field: &str) -> Message {
    Message::new(format!("`{key}` names `{field}` twice")).help("take one of them away")
}

pub(crate) fn same_index(name: &str) -> Message {
    Message::new(format!("two indexes are called `{name}`"))
        .help("give one of them another name, or take it away: `index(.., name = \"..\")`")
}

// ---- relationships --------------------------------------------------------------------------------------------------

pub(crate) fn no_parent_key(relation: &str, target: &str, wanted: &str, near: Option<&str>) -> Message {
    let message = Message::new(format!("`{relation}` has no foreign key: there is no column `{wanted}`"));
    match near {
        Some(near) => message.help(format!("name the column: `#[orm(foreign_key = {near})]`")),
        None => message
            .help(format!("add the column, `{wanted}: i64`, or name another: `#[orm(foreign_key = ..)]`"))
            .note(format!("it holds the key of the `{target}`; as an `Option` it makes `{relation}()` one")),
    }
}

pub(crate) fn no_child_key(relation: &str, target: &str, guess: &str) -> Message {
    Message::new(format!("`{relation}` does not say which column of `{target}` refers to it"))
        .help(format!("name the field of `{target}`: `#[orm(foreign_key = {guess})]`"))
}

pub(crate) fn no_secondary(relation: &str, table: &str) -> Message {
    Message::new(format!("`{relation}` does not say which table is between"))
        .help(format!("name it: `#[orm(secondary = \"{table}\")]`"))
}

pub(crate) fn key_lengths(relation: &str, foreign_key: usize, references: usize) -> Message {
    Message::new(format!(
        "`{relation}` has {} and refers to {}",
        columns(foreign_key, "a foreign key of"),
        columns(references, "")
    ))
    .help("name one column of the foreign key for each column that it refers to, in the same order")
}

pub(crate) fn deferred_foreign_key(relation: &str, field: &str) -> Message {
    Message::new(format!("the foreign key `{field}` of `{relation}` cannot be `Deferred`"))
        .note("without it nobody knows which object is on the other side")
}

pub(crate) fn shared_foreign_key(first: &str, second: &str) -> Message {
    Message::new(format!("`{first}` and `{second}` both write the same foreign key"))
        .help("make one of them `#[orm(viewonly)]`, or give it a foreign key of its own")
}

pub(crate) fn orphan_of(relation: &str, kind: &str) -> Message {
    let why = match kind {
        "BelongsTo" => "here the key is on this side: deleting the child would delete the parent of others",
        _ => "a member may belong to others as well",
    };
    Message::new(format!("`delete-orphan` does not belong on `{relation}`, a `{kind}`"))
        .help("write it on the `HasMany` or `HasOne` of the other entity")
        .note(why)
}

pub(crate) fn orphan_without_delete() -> Message {
    Message::new("`delete-orphan` needs `delete`")
        .help("write `cascade = \"all, delete-orphan\"`")
        .note("a member goes when it leaves its owner, so it goes with its owner too")
}

pub(crate) fn never_written_relation(relation: &str, key: &str) -> Message {
    Message::new(format!("`{relation}` is `viewonly` and has `{key}`: it is never written"))
        .help("take one of them away")
}

pub(crate) fn action_without_constraint(relation: &str, key: &str) -> Message {
    Message::new(format!("`{relation}` is `unenforced` and has `{key}`: there is no constraint to do it"))
        .help("take one of them away")
}

pub(crate) fn set_null_on_required(field: &str) -> Message {
    Message::new(format!("`on_delete = \"set null\"` needs a column that can be NULL, and `{field}` cannot"))
        .help(format!("make it an `Option`: `{field}: Option<..>`; or let the children go: `on_delete = \"cascade\"`"))
}

pub(crate) fn post_update_on_required(field: &str) -> Message {
    Message::new(format!("`post_update` needs a column that can be NULL, and `{field}` cannot"))
        .help(format!("make it an `Option`: `{field}: Option<..>`; or take `post_update` away"))
        .note("the row is inserted without this foreign key, which is written afterwards")
}

pub(crate) fn secondary_columns(side: &str, given: usize, wanted: usize) -> Message {
    Message::new(format!("`{side}` names {}, and the primary key has {}", columns(given, ""), columns(wanted, "")))
        .help("name one column for each column of the key, in the same order")
}

pub(crate) fn secondary_same_column(column: &str) -> Message {
    Message::new(format!("both sides of the table between would be the column `{column}`"))
        .help("name them apart: `secondary(table = \"..\", owner = \"follower_id\", target = \"followed_id\")`")
}

// ---- generated names ------------------------------------------------------------------------------------------------

pub(crate) fn hidden_getter(getter: &str) -> Message {
    Message::new(format!("a getter cannot be called `{getter}`"))
        .help(format!("rename it: `#[orm(getter = \"{getter}_\")]`"))
        .note("handles have a method of that name, which would be called instead, silently")
}

pub(crate) fn builder_method(getter: &str) -> Message {
    Message::new(format!("a getter cannot be called `{getter}`"))
        .help(format!("rename it: `#[orm(getter = \"{getter}_\")]`"))
        .note(
            "builders set each field by a method that is named as its getter, and `{getter}` ends them"
                .replace("{getter}", getter),
        )
}

pub(crate) fn same_method(method: &str, first: &str, second: &str) -> Message {
    Message::new(format!("`{first}` and `{second}` both make a method `{method}`"))
        .help(format!("rename the getter of one of them: `#[orm(getter = \"{second}_\")]`"))
}

pub(crate) fn same_constant(constant: &str, first: &str, second: &str) -> Message {
    Message::new(format!("`{first}` and `{second}` both make the constant `{constant}`"))
        .help("rename one of the fields")
}

// ---- caches ---------------------------------------------------------------------------------------------------------

pub(crate) fn sensitive_in_cache(field: &str) -> Message {
    Message::new(format!("`{field}` is sensitive, so it is never written, and cannot be read with `deserialize`"))
        .help(format!("make it a deferred column, which is then just not loaded: `{field}: Deferred<..>`"))
        .note("or keep what you cache in a struct of your own")
}

pub(crate) fn skipped_in_cache(field: &str) -> Message {
    Message::new(format!("`{field}` is skipped by serde, so it cannot be read with `deserialize`")).help(format!(
        "let it be written, or make it a deferred column, which is then just not loaded: `{field}: Deferred<..>`"
    ))
}

// ---- enums ----------------------------------------------------------------------------------------------------------

pub(crate) fn two_storages() -> Message {
    Message::new("an enum is stored as `integer` or as `postgres_enum`, not both").help("take one of them away")
}

pub(crate) fn label_of_integer(key: &str) -> Message {
    Message::new(format!("`{key}` names labels, and this enum is stored as `integer`"))
        .help("take one of them away; the numbers are the discriminants: `Draft = 1`")
}

pub(crate) fn same_label(label: &str, first: &str, second: &str) -> Message {
    Message::new(format!("`{first}` and `{second}` are both stored as \"{label}\""))
        .help("give one of them another label: `#[orm(rename = \"..\")]`")
}

// ---- loaded! --------------------------------------------------------------------------------------------------------

pub(crate) fn loaded_grammar() -> Message {
    Message::new("expected an entity and what is loaded of it").help("write `loaded!(User { posts { author }, bio })`")
}

pub(crate) fn name_too_long(name: &str) -> Message {
    Message::new(format!("`{name}` is too long for `loaded!`"))
        .note("a name of up to 64 letters can be looked up as a type")
}

// ---- words ----------------------------------------------------------------------------------------------------------

/// "a, b or c".
fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn columns(count: usize, before: &str) -> String {
    let noun = if count == 1 { "column" } else { "columns" };
    format!("{before} {count} {noun}").trim_start().to_owned()
}
