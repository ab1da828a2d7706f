//! One statement inserts into one table.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Tag, User};

async fn import(session: &Session) -> Result<u64, Error> {
    session.insert_many([Tag::builder().name("rust").build(), User::builder().email("ada@x.org").name("Ada").build()]).await
}

fn main() {}
