//! A reset lets go of every object.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn start_again(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    session.reset().await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
