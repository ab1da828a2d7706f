//! The function narrows what it is given, and posts are not there.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

type WithPosts = loaded!(User { posts });

fn count<L: AtLeast<WithPosts> + 'static>(session: &Session, user: &Persistent<'_, User, L>) -> usize {
    let user: Persistent<'_, User, WithPosts> = session.narrow(user);
    user.posts().len()
}

async fn call(session: &Session) -> Result<usize, Error> {
    let user = session.get_one::<User>(7).await?;
    Ok(count(session, &user))
}

fn main() {}
