//! And with them, whatever is there already.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Tag, User};

async fn save(session: &Session, names: &[String]) -> Result<(), Error> {
    let count = session.insert_many(names.iter().map(|name| Tag::builder().name(name))).await?;
    let tag = session.upsert(Tag::builder().name("rust"), on_conflict(Tag::NAME).do_nothing()).await?;
    let tags = session.upsert_all(names.iter().map(|name| Tag::builder().name(name)), on_conflict(Tag::NAME)).await?;
    let found = session.one_or_insert(&Tag::select().filter(Tag::NAME.eq("rust")), || Tag::builder().name("rust")).await?;
    let user = session.get_or_insert(7, || User::builder().email("ada@x.org").name("Ada")).await?;
    match session.try_insert(Tag::builder().name("rust")).await? {
        Ok(tag) => println!("{}", tag.name()),
        Err(conflict) => println!("{:?}", conflict.columns()),
    }
    println!("{count} {} {} {} {}", tag.name(), tags.len(), found.name(), user.name());
    Ok(())
}

fn main() {
    let _ = save;
}
