//! A cache form is asked for: some columns are never written.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn read<T: serde::de::DeserializeOwned>(_: &str) {}

fn cached(json: &str) {
    read::<Cached<Detached<User>>>(json);
}

fn main() {}
