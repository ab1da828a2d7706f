//! A statement over all rows changes what the handle shows.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn rename(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    session.update(&User::update().filter(User::ID.eq(7)).set(User::NAME, "Ada")).await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
