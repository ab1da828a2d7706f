//! What `#[derive(ColumnType)]` emits.

use super::render::{expanded_column_type, pin};

#[test]
fn newtype_of_text() {
    pin!(expanded_column_type("struct Email(String);"));
}

#[test]
fn newtype_of_a_number_with_a_named_field_and_a_renamed_crate() {
    pin!(expanded_column_type("#[orm(crate = crate::deps::orm)] struct UserId { number: i64 }"));
}

#[test]
fn enum_as_text() {
    pin!(expanded_column_type(
        "#[orm(rename_all = \"kebab-case\")] enum Mood { VeryHappy, #[orm(rename = \"so {so}\")] SoSo, r#Sad }"
    ));
}

#[test]
fn enum_as_integer() {
    pin!(expanded_column_type("#[orm(integer)] enum Level { Low = 1, High = 10 }"));
}

#[test]
fn enum_as_integer_of_its_own_width() {
    pin!(expanded_column_type("#[orm(integer)] #[repr(i16)] enum Level { Low, High }"));
}

#[test]
fn enum_of_postgres() {
    pin!(expanded_column_type("#[orm(postgres_enum = \"mood\", rename_all = \"lowercase\")] enum Mood { Happy, Sad }"));
}

/// What uses the type still finds the trait: the mistake is the only error.
#[test]
fn fallback_of_a_column_type() {
    pin!(expanded_column_type("enum Mood<T> where T: Clone { Happy, Sad(T) }"));
}
