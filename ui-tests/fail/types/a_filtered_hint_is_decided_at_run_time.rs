//! A list that may be there is the whole list.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn find(session: &Session, include: bool) -> Result<(), Error> {
    session.all(&User::select().selectin_if(include, User::POSTS.limit(3))).await?;
    Ok(())
}

fn main() {}
