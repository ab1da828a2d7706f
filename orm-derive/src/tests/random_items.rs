//! Random items: the macros never panic, every error points at something the user wrote, and what is accepted expands to Rust.
//!
//! `ORM_FUZZ_CASES` sets how many items each test makes; the default is small enough for every run of the suite.

use proc_macro2::{Span, TokenStream};
use proptest::prelude::*;
use syn::DeriveInput;

use crate::diagnostics::Errors;
use crate::pipeline;

const NAMES: &[&str] = &[
    "id",
    "name",
    "title",
    "author",
    "author_id",
    "posts",
    "r#type",
    "r#fn",
    "__",
    "set_name",
    "try_posts",
    "clone",
    "build",
    "default",
    "key",
    "größe",
    "ID",
    "id_",
    "Self_",
    "l",
    "L",
    "a_very_long_name_that_goes_on_and_on_and_on_and_on_1",
];

const ITEM_NAMES: &[&str] =
    &["User", "Post", "L", "N", "A", "D", "E", "Option", "String", "Vec", "r#type", "_X", "Ünicode"];

const TYPES: &[&str] = &[
    "i64",
    "u8",
    "String",
    "bool",
    "f64",
    "Uuid",
    "Option<i64>",
    "Option<Option<i64>>",
    "Vec<u8>",
    "&'static str",
    "[u8; 4]",
    "(i64, i64)",
    "()",
    "!",
    "_",
    "fn(i64) -> i64",
    "dyn Clone",
    "Box<dyn Send>",
    "Deferred<String>",
    "Deferred<Option<String>>",
    "Deferred",
    "Deferred<>",
    "Deferred<Deferred<i64>>",
    "BelongsTo<User>",
    "BelongsTo<Self>",
    "BelongsTo<Option<User>>",
    "Option<BelongsTo<User>>",
    "HasMany<Post>",
    "HasMany<Self>",
    "HasMany",
    "HasMany<>",
    "HasMany<Post, Tag>",
    "HasMany<'a>",
    "HasMany<&'static Post>",
    "HasMany<dyn Post>",
    "HasMany<models::Post>",
    "orm_core::HasMany<crate::Post>",
    "HasOne<Post>",
    "Vec<HasMany<Post>>",
    "ManyToMany<Tag>",
    "ManyToMany<Self>",
    "<i64 as Trait>::Out",
    "Self",
    "T",
    "macro_type!(x)",
    "HasMany<[u8; { 1 + 1 }]>",
];

const KEYS: &[&str] = &[
    "table",
    "schema",
    "rename_all",
    "deserialize",
    "crate",
    "index",
    "unique",
    "check",
    "primary_key",
    "generated",
    "default",
    "column",
    "length",
    "server_default",
    "version",
    "sensitive",
    "read_only",
    "group",
    "getter",
    "on_update",
    "on_delete",
    "foreign_key",
    "references",
    "back_populates",
    "cascade",
    "unenforced",
    "passive_deletes",
    "post_update",
    "viewonly",
    "secondary",
    "order_by",
    "integer",
    "postgres_enum",
    "rename",
    "unknown",
    "pk",
    "r#type",
    "self",
    "_",
    "\"quoted\"",
    "7",
];

const VALUES: &[&str] = &[
    "",
    "=",
    "= true",
    "= false",
    "= 0",
    "= 255",
    "= -1",
    "= 99999999999999999999",
    "= 1.5",
    "= \"\"",
    "= \" \"",
    "= \"users\"",
    "= \"a b\"",
    "= \"quo\\\"te\"",
    "= \"nul\\0\"",
    "= \"line\\nbreak\"",
    "= \"snake_case\"",
    "= \"all, delete-orphan\"",
    "= \"cascade\"",
    "= \"set_null\"",
    "= \"$1 ? `\"",
    "= author_id",
    "= id",
    "= (id, name)",
    "= ()",
    "= (id,)",
    "= (id desc, name asc)",
    "= (created_at sideways)",
    "= Uuid::new_v4()",
    "= Default::default()",
    "= |x| x",
    "= { 1 }",
    "= ::orm_core",
    "= crate::orm_core",
    "= b\"bytes\"",
    "= 'c'",
    "= c\"c\"",
    "= r#\"raw\"#",
    "= table",
    "()",
    "(id)",
    "(id, name)",
    "(id, id)",
    "(name = \"i\")",
    "(id, name = \"index_name\")",
    "(id, name = 7)",
    "(table = \"t\", owner = a, target = b)",
    "(table = \"t\", owner = \"a\")",
    "[id]",
    "{ id }",
    "= = =",
    "= !",
    ", ,",
    "= \"😀\"",
    "= self",
    "= Self",
];

const SERDE: &[&str] = &[
    "",
    "rename = \"n\"",
    "rename",
    "rename(serialize = \"a\", deserialize = \"b\")",
    "skip",
    "skip_serializing_if = \"Option::is_none\"",
    "skip_serializing_if = \"not a path!\"",
    "with = \"module\"",
    "alias = \"other\"",
    "default",
    "flatten",
    "rename_all = \"camelCase\"",
    "rename_all = \"no such\"",
    "deny_unknown_fields",
    "= 7",
    "a b c",
];

const GENERICS: &[&str] = &["", "", "", "", "<T>", "<'a>", "<const N: usize>", "<T: Clone = i64>"];

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(str::to_owned)
}

fn orm_attribute() -> impl Strategy<Value = String> {
    let setting = (one_of(KEYS), one_of(VALUES)).prop_map(|(key, value)| format!("{key} {value}"));
    let settings = prop::collection::vec(setting, 0..4).prop_map(|settings| settings.join(", "));
    prop_oneof![
        6 => settings.prop_map(|settings| format!("#[orm({settings})]")),
        1 => one_of(VALUES).prop_map(|value| format!("#[orm {value}]")),
        1 => one_of(SERDE).prop_map(|serde| format!("#[serde({serde})]")),
        1 => Just("#[orm(primary_key)]".to_owned()),
        1 => Just("#[doc = \"text\"] #[cfg(any())]".to_owned()),
    ]
}

fn attributes() -> impl Strategy<Value = String> {
    prop::collection::vec(orm_attribute(), 0..3).prop_map(|attributes| attributes.join(" "))
}

fn field() -> impl Strategy<Value = String> {
    (attributes(), one_of(NAMES), one_of(TYPES)).prop_map(|(attributes, name, ty)| format!("{attributes} {name}: {ty}"))
}

/// Fields of which most are right: a key first, names that differ, at most one setting each.
fn sound_fields() -> impl Strategy<Value = String> {
    let setting = prop_oneof![
        3 => Just(String::new()),
        2 => (one_of(KEYS), one_of(VALUES)).prop_map(|(key, value)| format!("#[orm({key} {value})]")),
    ];
    prop::collection::vec((setting, one_of(TYPES)), 0..5).prop_map(|fields| {
        let fields = fields.iter().enumerate().map(|(at, (setting, ty))| format!(", {setting} field{at}: {ty}"));
        format!("{{ #[orm(primary_key)] id: i64 {} }}", fields.collect::<String>())
    })
}

fn variant() -> impl Strategy<Value = String> {
    let shape = one_of(&["", "", "", "= 1", "= -1", "= 1 + 1", "(i64)", "{ a: i64 }"]);
    (attributes(), one_of(ITEM_NAMES), shape)
        .prop_map(|(attributes, name, shape)| format!("{attributes} {name} {shape}"))
}

fn item() -> impl Strategy<Value = String> {
    let body = prop_oneof![
        8 => sound_fields().prop_map(|fields| ("struct", fields)),
        8 => prop::collection::vec(field(), 0..7).prop_map(|fields| ("struct", format!("{{ {} }}", fields.join(", ")))),
        1 => (attributes(), one_of(TYPES)).prop_map(|(attributes, ty)| ("struct", format!("({attributes} {ty});"))),
        1 => Just(("struct", ";".to_owned())),
        3 => prop::collection::vec(variant(), 0..4).prop_map(|variants| ("enum", format!("{{ {} }}", variants.join(", ")))),
        1 => field().prop_map(|field| ("union", format!("{{ {field} }}"))),
    ];
    let place = one_of(&["", "pub", "pub(crate)", "pub(in crate::models)", "#[repr(u8)]", "#[repr(C)] pub"]);
    (attributes(), place, one_of(ITEM_NAMES), one_of(GENERICS), body).prop_map(
        |(attributes, place, name, generics, (kind, body))| {
            format!("{attributes} {place} {kind} {name}{generics} {body}")
        },
    )
}

/// What the expansion of one macro is held against.
struct Macro<M> {
    expand: fn(TokenStream) -> TokenStream,
    model: fn(&DeriveInput) -> Result<M, pipeline::Refused<M>>,
}

fn hold<M>(source: &str, of: &Macro<M>) -> Result<(), TestCaseError> {
    // Words that are no item at all are rustc's to refuse: the derive never sees them.
    let Ok(item) = syn::parse_str::<DeriveInput>(source) else { return Ok(()) };
    match (of.model)(&item) {
        Ok(_) => {
            let code = (of.expand)(source.parse().expect("an item is made of tokens"));
            syn::parse2::<syn::File>(code)
                .map_err(|error| TestCaseError::fail(format!("what is accepted expands to Rust: {error}")))?;
        }
        Err(refused) => {
            point_at_the_source(&refused.errors)?;
            // What stands in for a refused item is Rust as well.
            let code = (of.expand)(source.parse().expect("an item is made of tokens"));
            prop_assert!(syn::parse2::<syn::File>(code).is_ok(), "the stand-in of a refused item is Rust");
        }
    }
    Ok(())
}

fn point_at_the_source(errors: &Errors) -> Result<(), TestCaseError> {
    let nowhere = Span::call_site().byte_range();
    for error in errors.iter() {
        prop_assert!(error.span().byte_range() != nowhere, "no place is named by: {error}");
        prop_assert!(!error.to_string().contains("orm bug"), "{error}");
    }
    Ok(())
}

fn config() -> ProptestConfig {
    let cases = std::env::var("ORM_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn entities(source in item()) {
        hold(&source, &Macro { expand: pipeline::entity, model: pipeline::entity_model })?;
    }

    #[test]
    fn column_types(source in item()) {
        hold(&source, &Macro { expand: pipeline::column_type, model: pipeline::column_type_model })?;
    }

    #[test]
    fn rows(source in item()) {
        hold(&source, &Macro { expand: pipeline::row, model: pipeline::row_model })?;
    }

    #[test]
    fn load_states(source in "(User|models::Post|r#type|,|\\{|\\}| |posts|tags|::|<T>|7|\"x\"){0,12}") {
        if let Ok(tokens) = source.parse::<TokenStream>() {
            prop_assert!(syn::parse2::<syn::Type>(pipeline::loaded(tokens)).is_ok(), "a type, or an error in its place");
        }
    }
}
