//! Rollback takes back what the handle shows.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn give_up(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    session.rollback().await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
