//! A column has nothing below it.

use orm_core::prelude::*;
use orm_ui_tests::entities::*;

fn print(user: &Detached<User, loaded!(User { bio { text } })>) {
    println!("{}", user.name());
}

fn main() {}
