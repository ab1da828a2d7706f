//! What a client may set is a list: until it is named, a patch does nothing.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn update(session: &Session, patch: Patch<User>) -> Result<(), Error> {
    session.merge(patch).await?;
    Ok(())
}

fn main() {}
