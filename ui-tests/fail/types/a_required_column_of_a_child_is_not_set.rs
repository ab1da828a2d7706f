//! What is nested is inserted too.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

async fn create(session: &Session) -> Result<(), Error> {
    let ada = User::builder().email("ada@x.org").name("Ada");
    session.insert(ada.posts([Post::builder()])).await?;
    Ok(())
}

fn main() {}
