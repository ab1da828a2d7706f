//! A bulk statement locks what it writes; only what is read can be locked first.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn rename(session: &mut Session) -> Result<(), Error> {
    session.update(&User::update().set(User::NAME, "x").for_update()).await?;
    Ok(())
}

fn main() {}
