//! A handle is in its session already.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn save(session: &Session, user: Persistent<'_, User>) -> Result<(), Error> {
    session.merge(user).await?;
    Ok(())
}

fn main() {}
