//! A key finds the object again: after `expire`, `expunge`, a statement over all rows.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

async fn reread(session: &mut Session) -> Result<(), Error> {
    let key = Key::of(&session.get_one::<User>(7).await?);
    session.expire(key);
    session.expire_attributes(key, (User::NAME, User::BIO, User::POSTS));
    session.expire_attributes(key, [User::NAME, User::EMAIL]);
    session.expire_all();
    let user = session.get_one(key).await?;
    session.refresh(&user).only((User::NAME, User::POSTS)).await?;
    session.refresh_all(&[user]).for_update().await?;
    println!("{}", user.name());
    session.update(&User::update().filter(User::ID.eq(7)).set(User::NAME, "Ada")).await?;
    let detached = session.expunge(key);
    session.expunge_all();
    session.delete_where(User::POSTS.any(Post::TITLE.eq("Notes"))).await?;
    println!("{:?}", detached.map(|user| user.name().to_owned()));
    Ok(())
}

fn main() {
    let _ = reread;
}
