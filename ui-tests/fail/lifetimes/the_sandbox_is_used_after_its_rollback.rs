//! Rolled back, a sandbox has no connection any more.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn fixture(db: &Database) -> Result<(), Error> {
    let sandbox = db.sandbox().await?;
    sandbox.rollback().await?;
    sandbox.all(&User::select()).await?;
    Ok(())
}

fn main() {}
