//! The session ends with the transaction: return a key, or a detached value.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn find(db: &Database) -> Result<(), Error> {
    let user = db.transaction(async |session: &mut Session| session.get_one::<User>(7).await).await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
