//! The posts of a user are posts.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Tag, User};

async fn create(session: &Session) -> Result<(), Error> {
    let ada = User::builder().email("ada@x.org").name("Ada");
    session.insert(ada.posts([Tag::builder().name("rust")])).await?;
    Ok(())
}

fn main() {}
