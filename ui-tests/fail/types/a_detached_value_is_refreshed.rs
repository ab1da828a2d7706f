//! It belongs to no session: `get` the object by its key.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn reread(session: &Session, user: Detached<User>) -> Result<(), Error> {
    session.refresh(&user).await
}

fn main() {}
