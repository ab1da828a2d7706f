//! The query said nothing of posts.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn print(session: &Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    for post in user.posts() {
        println!("{}", post.title());
    }
    Ok(())
}

fn main() {}
