//! A statement over all rows deletes what the handle shows.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn remove(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    session.delete_where(User::ID.eq(7)).await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
