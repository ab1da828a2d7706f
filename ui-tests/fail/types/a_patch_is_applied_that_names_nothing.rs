//! What a client may set is a list: until it is named, a patch does nothing.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn update(session: &Session, user: Persistent<'_, User>, patch: Patch<User>) -> Result<(), Error> {
    session.apply(&user, patch)
}

fn main() {}
