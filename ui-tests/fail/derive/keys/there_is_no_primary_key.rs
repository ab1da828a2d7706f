//! An object is known by its key.

use orm_core::prelude::*;

#[derive(Entity)]
struct Tag {
    id: i64,
    name: String,
}

async fn find(session: &Session) -> Result<(), Error> {
    let tag = session.one(&Tag::select().filter(Tag::NAME.eq("rust"))).await?;
    println!("{}", tag.name());
    Ok(())
}

fn main() {}
