//! What was read and written inside is taken back.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn attempt(session: &mut Session) -> Result<(), Error> {
    let savepoint = session.savepoint().await?;
    let user = savepoint.get_one::<User>(7).await?;
    savepoint.rollback().await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
