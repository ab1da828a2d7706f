//! A task may outlive the session.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn greet(session: &Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    tokio::spawn(async move { println!("{}", user.name()) });
    Ok(())
}

fn main() {}
