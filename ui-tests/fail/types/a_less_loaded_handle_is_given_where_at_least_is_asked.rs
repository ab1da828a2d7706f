//! The function narrows what it is given, and posts are not there.

use orm_core::prelude::*;
use orm_ui_tests::entities::*;

fn count<L: AtLeast<loaded!(User { posts })> + 'static>(session: &Session, user: &Persistent<'_, User, L>) -> usize {
    session.narrow(user).map_or(0, |user: Persistent<'_, User, loaded!(User { posts })>| user.posts().len())
}

async fn call(session: &Session) -> Result<usize, Error> {
    let user = session.get_one::<User>(7).await?;
    Ok(count(session, &user))
}

fn main() {}
