//! The posts are there, their author is not.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn print<L: AtLeast<loaded!(User { posts { author } })>>(_: &Persistent<'_, User, L>) {}

async fn call(session: &Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).selectin(User::POSTS).await?;
    print(&user);
    Ok(())
}

fn main() {}
