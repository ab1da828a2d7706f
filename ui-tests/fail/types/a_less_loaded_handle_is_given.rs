//! The function reads posts, and the caller has not loaded them.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn print(user: Persistent<'_, User, loaded!(User { posts })>) {
    println!("{}", user.posts().len());
}

async fn call(session: &Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    print(user);
    Ok(())
}

fn main() {}
