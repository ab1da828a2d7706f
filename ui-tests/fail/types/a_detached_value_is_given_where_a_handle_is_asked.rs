//! A detached value belongs to no session.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn remove(session: &Session, user: Detached<User>) -> Result<(), Error> {
    session.delete(&user).await
}

fn main() {}
