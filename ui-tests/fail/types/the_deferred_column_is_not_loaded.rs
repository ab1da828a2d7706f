//! A deferred column is selected when it is asked for.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn print(session: &Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    println!("{:?}", user.bio());
    Ok(())
}

fn main() {}
