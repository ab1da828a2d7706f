//! Commit expires every object: the handle ends there.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn greet(db: &Database) -> Result<(), Error> {
    let mut session = db.session();
    let user = session.get_one::<User>(7).await?;
    session.commit().await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
