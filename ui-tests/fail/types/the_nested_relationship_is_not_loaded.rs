//! The posts were loaded, their tags were not.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn print(session: &Session) -> Result<(), Error> {
    let user = session.one(&User::select().selectin(User::POSTS)).await?;
    for post in user.posts() {
        println!("{} {}", post.title(), post.tags().len());
    }
    Ok(())
}

fn main() {}
