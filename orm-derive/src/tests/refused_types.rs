//! `#[derive(ColumnType)]`.

use super::render::{pin, refused_column_types};

#[test]
fn column_types() {
    pin!(refused_column_types(&[
        ("a unit struct", "struct Email;"),
        ("no fields", "struct Email();"),
        ("two fields", "struct Point(f64, f64);"),
        ("a union", "union Email { a: u32 }"),
        ("generic", "struct Id<T>(T);"),
        ("no variants", "enum Mood {}"),
        ("a variant with fields", "enum Mood {\n  Happy,\n  Sad(String)\n}"),
        ("a key of an entity", "#[orm(table = \"moods\")]\nenum Mood { Happy }"),
        ("an unknown key", "#[orm(intger)]\nenum Mood { Happy }"),
        ("a key on the field", "struct Email(\n  #[orm(length = 3)] String\n);"),
        ("two storages", "#[orm(integer, postgres_enum = \"mood\")]\nenum Mood { Happy }"),
        ("labels of integers", "#[orm(integer, rename_all = \"snake_case\")]\nenum Mood { Happy = 1 }"),
        ("a label of an integer", "#[orm(integer)]\nenum Mood {\n  #[orm(rename = \"happy\")] Happy = 1\n}"),
        ("one label for two", "enum Mood { Happy,\n  #[orm(rename = \"Happy\")] Glad\n}"),
        ("a label with a NUL", "enum Mood {\n  #[orm(rename = \"a\\0b\")] Happy\n}"),
        ("a type of two lines", "#[orm(postgres_enum = \"mo\\nod\")]\nenum Mood { Happy }"),
        ("one label by a rule", "#[orm(rename_all = \"lowercase\")]\nenum Mood { Happy,\n  HAPPY\n}"),
    ]));
}
