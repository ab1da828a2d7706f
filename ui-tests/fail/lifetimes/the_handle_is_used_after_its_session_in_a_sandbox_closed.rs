//! A sandbox is a database like any other: a session's end is the end of its handles, and what lives on is detached.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn fixture(db: &Database) -> Result<(), Error> {
    let sandbox = db.sandbox().await?;
    let session = sandbox.session();
    let user = session.get_one::<User>(7).await?;
    session.close().await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
