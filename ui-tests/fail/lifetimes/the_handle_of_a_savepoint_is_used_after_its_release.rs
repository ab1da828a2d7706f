//! It borrows the savepoint, which ends: its key survives.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn attempt(session: &mut Session) -> Result<(), Error> {
    let savepoint = session.savepoint().await?;
    let user = savepoint.get_one::<User>(7).await?;
    savepoint.release().await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
