//! A detached value owns what it shows, and so does text that was copied.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn greet(mut session: Session) -> Result<String, Error> {
    let user = session.get_one::<User>(7).selectin(User::POSTS).await?;
    let name = user.name().to_owned();
    let detached = session.detach(&user)?;
    session.commit().await?;
    println!("{}", detached.posts().len());
    tokio::spawn(async move { println!("{}", detached.name()) });
    session.close().await?;
    Ok(name)
}

async fn find(db: &Database) -> Result<Detached<User>, Error> {
    let session = db.session();
    let user = session.get_one::<User>(7).await?;
    session.detach(&user)
}

fn main() {
    let _ = (greet, find);
}
