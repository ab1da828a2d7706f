//! Keys and detached values survive what ends handles.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn keys(db: &Database, session: &mut Session) -> Result<(), Error> {
    let key = Key::of(&session.get_one::<User>(7).await?);
    session.reset().await?;
    let user = session.get_one(key).await?;
    println!("{}", user.name());
    let user = db
        .transaction(async |session: &mut Session| {
            let user = session.get_one(key).await?;
            session.detach(&user)
        })
        .await?;
    println!("{}", user.name());
    Ok(())
}

async fn fixture(db: &Database) -> Result<Detached<User>, Error> {
    let sandbox = db.sandbox().await?;
    let session = sandbox.session();
    let user = session.get_one::<User>(7).await?;
    session.detach(&user)
}

fn main() {}
