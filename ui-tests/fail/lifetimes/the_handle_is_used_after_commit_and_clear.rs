//! The session lets go of everything.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn greet(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    session.commit_and_clear().await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
