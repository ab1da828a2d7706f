//! The function promises posts, and the value that is attached has none.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

type Page<'s> = Persistent<'s, User, loaded!(User { posts })>;

fn take_in<'s>(session: &'s Session, user: Detached<User>) -> Result<Page<'s>, Error> {
    session.attach(user)
}

fn main() {}
