//! A savepoint has the session's verbs, by a shared reference; what is known of it outside is a key.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

async fn tag(session: &Session, name: &str) -> Result<Key<Tag>, Error> {
    Ok(Key::of(&session.insert(Tag::builder().name(name)).await?))
}

async fn attempt(session: &mut Session) -> Result<(), Error> {
    let mut outer = session.savepoint().await?;
    let key = tag(&outer, "rust").await?;
    let inner = outer.savepoint().await?;
    inner.get_one(key).await?.set_name("Rust");
    inner.rollback().await?;
    outer.expire(key);
    outer.release().await?;
    println!("{}", session.get_one(key).await?.name());
    session.commit().await
}

async fn retried(db: &Database, name: &str) -> Result<Key<Tag>, Error> {
    db.transaction(async |session: &mut Session| tag(session, name).await).await
}

fn main() {
    let _ = (attempt, retried);
}
