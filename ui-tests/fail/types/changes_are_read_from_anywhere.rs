//! Changes are the word of the program: what a client may set is a list, never every column.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn read<T: serde::de::DeserializeOwned>(_: &str) {}

fn body(json: &str) {
    read::<Changes<User>>(json);
}

fn main() {}
