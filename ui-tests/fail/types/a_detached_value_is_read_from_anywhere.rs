//! A detached value says what a query gave; text that anybody can send says what its sender likes.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn read<T: serde::de::DeserializeOwned>(_: &str) {}

fn body(json: &str) {
    read::<Detached<User>>(json);
}

fn main() {}
