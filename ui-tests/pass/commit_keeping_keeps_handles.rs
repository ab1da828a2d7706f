//! SQLAlchemy's `expire_on_commit=False`.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn rename(session: &Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).selectin(User::POSTS).await?;
    let posts = user.posts();
    for name in ["Ada", "Ada L."] {
        user.set_name(name);
        session.commit_keeping().await?;
    }
    println!("{} {}", user.name(), posts.len());
    Ok(())
}

fn main() {
    let _ = rename;
}
