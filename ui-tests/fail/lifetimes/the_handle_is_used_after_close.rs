//! A closed session holds nothing.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn greet(db: &Database) -> Result<(), Error> {
    let session = db.session();
    let user = session.get_one::<User>(7).await?;
    session.close().await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
