//! What a round gets, it gets after the commit of the round before.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

async fn import(session: &mut Session, names: &[String]) -> Result<Vec<Key<Tag>>, Error> {
    let mut keys = Vec::new();
    for name in names {
        let tag = session.insert(Tag::builder().name(name)).await?;
        keys.push(Key::of(&tag));
        session.commit().await?;
    }
    Ok(keys)
}

async fn get_or_create(session: &mut Session) -> Result<(), Error> {
    let tag = match session.get::<Tag>(7).await? {
        Some(tag) => tag,
        None => session.insert(Tag::builder().name("rust")).await?,
    };
    println!("{}", tag.name());
    session.commit().await
}

fn main() {
    let _ = (import, get_or_create);
}
