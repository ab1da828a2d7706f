//! A key borrows nothing.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn greet(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    let key = Key::of(&user);
    session.commit().await?;
    let user = session.get_one(key).await?;
    println!("{}", user.name());
    session.rollback().await?;
    let user = session.get(key).await?;
    println!("{}", user.is_some());
    Ok(())
}

fn main() {
    let _ = greet;
}
