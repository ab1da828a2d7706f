//! Commit expires every object: the handle ends there.

use orm_core::prelude::*;
use orm_ui_tests::entities::*;

async fn greet(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    session.commit().await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
