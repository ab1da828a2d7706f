//! A rollback to the savepoint may take away what the handle shows: inside, `get` it again by its key.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn attempt(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    let savepoint = session.savepoint().await?;
    user.set_name("Ada");
    savepoint.release().await
}

fn main() {}
