//! Rows without objects are rows all the same.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

async fn import(session: &Session, titles: &[String]) -> Result<u64, Error> {
    session.insert_many(titles.iter().map(|_| Tag::builder())).await
}

fn main() {}
