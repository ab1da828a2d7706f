//! Narrowing only forgets.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn widen(session: &Session) -> Result<usize, Error> {
    let user = session.get_one::<User>(7).await?;
    let user: Persistent<'_, User, loaded!(User { posts })> = session.narrow(&user);
    Ok(user.posts().len())
}

fn main() {}
