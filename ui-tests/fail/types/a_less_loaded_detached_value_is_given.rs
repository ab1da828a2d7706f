//! `Detached::narrow` goes to less, never to more.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn print(user: &Detached<User, loaded!(User { posts })>) {
    println!("{}", user.posts().len());
}

async fn call(db: &Database) -> Result<(), Error> {
    let user = db.one(&User::select().filter(User::ID.eq(7))).await?;
    print(&user);
    Ok(())
}

fn main() {}
